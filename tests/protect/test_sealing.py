"""Tests that encrypted reports open only whole, in their place, and with their key."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ewarn.errors import SealBroken
from ewarn.protect.conditions import Conditions
from ewarn.protect.sealing import AesSealer, read_key

SEALER = AesSealer(bytes(range(32)))


@given(content=st.binary(), about=st.text(st.characters(exclude_categories=["Cs"])))
def test_what_is_sealed_opens_as_it_was(content: bytes, about: str) -> None:
    assert SEALER.open(SEALER.seal(content, about), about) == content


def test_it_does_not_hold_what_it_hides_and_differs_each_time() -> None:
    content = b"an invented name and number"
    one, other = SEALER.seal(content, "row"), SEALER.seal(content, "row")
    assert one != other
    assert content not in one


@given(flipped=st.integers(0, 8 * 40 - 1))
def test_whatever_bit_is_changed_it_does_not_open(flipped: int) -> None:
    sealed = bytearray(SEALER.seal(b"twelve bytes", "row"))
    assert len(sealed) == 40
    sealed[flipped // 8] ^= 1 << flipped % 8
    with pytest.raises(SealBroken, match="was altered"):
        SEALER.open(bytes(sealed), "row")


@pytest.mark.parametrize("length", [0, 5, 12, 28])
def test_what_is_cut_off_does_not_open(length: int) -> None:
    with pytest.raises(SealBroken):
        SEALER.open(SEALER.seal(b"x", "row")[:length], "row")


def test_it_opens_neither_elsewhere_nor_with_another_key() -> None:
    sealed = SEALER.seal(b"x", "row")
    with pytest.raises(SealBroken):
        SEALER.open(sealed, "another row")
    with pytest.raises(SealBroken):
        AesSealer(bytes(32)).open(sealed, "row")


def test_a_mark_knows_a_content_again_and_needs_the_key() -> None:
    assert SEALER.mark(b"x") == SEALER.mark(b"x")
    others = {SEALER.mark(b"y"), AesSealer(bytes(32)).mark(b"x")}
    assert SEALER.mark(b"x") not in others
    assert len(SEALER.mark(b"x")) == 64


def test_the_name_of_a_key_is_not_part_of_it() -> None:
    assert SEALER.key_id != AesSealer(bytes(32)).key_id
    assert SEALER.key_id not in bytes(range(32)).hex()


def test_a_key_is_read_from_base64_and_a_bad_one_is_not_repeated() -> None:
    key = bytes(range(32))
    assert read_key(f" {base64.b64encode(key).decode()}\n") == key
    for text in ("", "secret", base64.b64encode(key[:31]).decode(), "é" * 44):
        with pytest.raises(ValueError, match="openssl rand -base64 32") as caught:
            read_key(text)
        assert not text or text not in str(caught.value)
    with pytest.raises(ValueError, match="32 bytes"):
        AesSealer(key[:16])


def test_conditions_name_what_is_missing() -> None:
    assert Conditions().missing == (
        "EWARN_PROTECTION_KEY",
        "EWARN_PROTECTION_RETENTION_DAYS",
        "EWARN_DATA_CONTROLLER",
    )
    assert Conditions(SEALER, 30, "office").missing == ()
