"""Tests of the kinds of rows of GDELT, and of stories in several rows. All rows are invented."""

import io
from urllib.parse import quote

import pytest

from ewarn.frames.events import ParsedBatch
from ewarn.places.gazetteer import load_gazetteer
from ingest.gdelt.editions import HISTORY, VERSION_2, Edition
from ingest.gdelt.rows import read_rows
from ingest.gdelt.story_words import load_vocabulary
from tests.ingest.gdelt.provider import line

SHOTS = "https://news.example/soldiers-kill-two-in-town"
MARCH = "https://news.example/thousands-march-in-protest"


def read(*lines: str, edition: Edition = VERSION_2) -> ParsedBatch:
    body = "".join(text + "\n" for text in lines).encode()
    (batch,) = read_rows(io.BytesIO(body), load_gazetteer(), edition)
    return batch


def kinds(*lines: str) -> list[str]:
    return read(*lines).events["kind"].tolist()


def test_violence_of_the_state_where_the_words_speak_of_a_crowd_is_force() -> None:
    address = "https://news.example/soldiers-kill-protesters"
    assert kinds(line(code="190", actor_1="TGOMIL", url=address)) == ["force"]
    assert kinds(line(code="180", actor_1="TGOCOP", url=address)) == ["force"]


def test_violence_of_the_state_in_an_article_that_tells_of_a_protest_is_force() -> None:
    soldiers = line(code="190", actor_1="TGOMIL", url=SHOTS, id="1")
    assert kinds(soldiers) == ["clash"]
    crowd = line(code="141", actor_1="TGOOPP", actor_2="", url=SHOTS, id="2")
    assert "force" in kinds(soldiers, crowd)


@pytest.mark.parametrize(
    ("one", "two"), [("TGOOPP", "TGOMIL"), ("REB", "TGOCVL"), ("TGOMIL", "REB")]
)
def test_violence_of_others_or_among_the_armed_is_no_force(one: str, two: str) -> None:
    address = "https://news.example/gunmen-kill-protesters-in-attack"
    assert kinds(line(code="180", actor_1=one, actor_2=two, url=address)) == ["attack"]


def test_what_is_done_to_a_vote_is_an_election_incident() -> None:
    address = "https://news.example/opposition-rejects-disputed-election-results-after-fraud"
    found = read(line(code="120", url=address), line(code="020", url=address, id="2"))
    assert found.events["kind"].tolist() == ["election"]
    assert found.skipped == {"not a tracked kind": 1}


def test_every_word_of_a_vote_passes_the_quick_look() -> None:
    for stem in sorted(frozenset.union(*load_vocabulary().stems_and_words("vote"))):
        for word in (stem, stem.upper(), quote(stem)):
            address = f"https://news.example/{word}-fraud-rigged"
            found = read(line(code="112", url=address))
            assert found.skipped != {"not a tracked kind": 1}, word


def test_tellings_that_are_of_another_kind_by_their_words_are_one_story() -> None:
    crowd = "https://news.example/police-kill-protesters"
    none = "https://news.example/police-kill-three-civilians"
    for code in ("180", "190"):
        rows = [
            line(code=code, actor_1="TGOCOP", actor_2="TGOCVL", url=url, id=str(number))
            for number, url in enumerate((crowd, none), start=1)
        ]
        assert len(read(*rows).events) == 1
        one, other = (read(row).events["source_event_id"].tolist() for row in rows)
        assert one == other


def test_a_campaign_is_no_election_incident() -> None:
    address = "https://news.example/candidates-debate-ahead-of-election"
    assert read(line(code="120", url=address)).skipped == {"not a tracked kind": 1}


def test_a_protest_about_a_vote_stays_a_protest() -> None:
    address = "https://news.example/thousands-protest-against-disputed-election"
    assert kinds(line(code="141", url=address)) == ["protest"]


def test_rows_without_an_address_are_judged_by_their_actors() -> None:
    told = line(HISTORY, added="20130203", day="20050205")
    silent = line(HISTORY, added="20130203", day="20050205", id="2", actor_1="", actor_2="TGOBUS")
    found = read(told, silent, edition=HISTORY)
    assert len(found.events) == 1
    assert found.skipped == {"not relevant": 1}


def test_a_tone_that_is_no_number_says_nothing() -> None:
    assert len(read(line(tone="nan"), line(tone="x", id="2", actor_1="TGOMIL")).events) == 2


def test_the_same_row_is_judged_alike_in_any_file() -> None:
    rows = [line(code=code, id=str(n), url=MARCH + str(n)) for n, code in enumerate(("141", "173"))]
    together = read(*rows).events["source_event_id"].tolist()
    apart = [at for row in rows for at in read(row).events["source_event_id"]]
    assert together == apart
