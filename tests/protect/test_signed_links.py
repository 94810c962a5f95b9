"""Tests of signed tokens of links."""

import pytest

from ewarn.protect.signed_links import LONGEST, new_secret, opened, signed

FACTS: list[str | int] = ["alert-1", "0f" * 12, 1583712000]
SECRET = "ab" * 32


def test_a_token_gives_its_facts_back_to_its_own_secret_alone() -> None:
    token = signed(FACTS, SECRET)
    assert opened(token, SECRET) == FACTS
    assert opened(token, new_secret()) is None
    assert token == signed(FACTS, SECRET)


def test_a_token_of_an_earlier_version_still_opens() -> None:
    assert signed(FACTS, SECRET) == (
        "WyJhbGVydC0xIiwiMGYwZjBmMGYwZjBmMGYwZjBmMGYwZjBmIiwxNTgzNzEyMDAwXQ."
        "pQrL7R5mW5lKTPC6_b-5Idgy3A-8GLhfVv7LbotcQtI"
    )
    assert len(bytes.fromhex(new_secret())) == 32


def test_what_is_longer_than_a_token_may_be_is_not_looked_at() -> None:
    tokens = [signed(["a" * length], SECRET) for length in (413, 414)]
    assert [len(token) - LONGEST for token in tokens] == [0, 2]
    assert opened(tokens[0], SECRET) == ["a" * 413]
    assert opened(tokens[1], SECRET) is None


def test_any_other_sign_in_it_spoils_it() -> None:
    token = signed(FACTS, SECRET)
    for place in range(len(token)):
        for sign in "Ab0-_.=":
            if token[place] != sign:
                assert opened(token[:place] + sign + token[place + 1 :], SECRET) is None, place


@pytest.mark.parametrize(
    "token", ["", ".", "a", "a.b", "é.é", "=.=", "\x00.\x00", "a" * (LONGEST + 1), "W10.W10"]
)
def test_what_is_no_token_is_none(token: str) -> None:
    assert opened(token, SECRET) is None


def test_a_token_is_written_one_way() -> None:
    token = signed(FACTS, SECRET)
    for other in (token + "=", token + "\n", " " + token, token.replace(".", ".."), token + ".x"):
        assert opened(other, SECRET) is None
