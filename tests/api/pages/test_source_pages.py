"""Tests of the page of sources: health in words, volume, what is missing, and the terms."""

import re
from dataclasses import replace
from datetime import date, timedelta

import pytest

from api.app import create_app
from api.pages.views.sources import week_bars
from api.serving.state import ReportedSource
from ewarn.domain.baseline import Baseline
from ewarn.domain.key import READ_SCOPES
from ewarn.domain.source import Health, Rejection, SourceStatus, VolumeDrop
from ewarn.domain.time import WEEK
from ewarn.store.events.events import Appended
from ewarn.store.intake import runs
from tests.api.pages.conftest import Visitor
from tests.api.pages.person import Person, words
from tests.api.world import CLOSED_TERMS, LAST_ORIGIN, NOW, OPEN_TERMS, SOURCE, World

HOUR = timedelta(hours=1)


def with_source(world: World, health: Health, reason: str, **others: object) -> Person:
    """Return a person who sees one source in some state."""
    status = SourceStatus(SOURCE, health, reason, NOW - 5 * HOUR, cadence=HOUR)
    (known,) = world.sources()
    told = replace(known, status=lambda _: status, **others)  # type: ignore[arg-type]
    person = Person(create_app(world.state(sources=lambda: [told])))
    person.sign_in(world.key("TGO", "BEN"))
    return person


def test_a_source_that_works_says_when_it_was_read_and_what_came(visitor: Visitor) -> None:
    said = words(visitor("TGO").get("/sources"))
    assert "1 of 1 source works." in said
    assert "invented works" in said
    assert "Silence is not calm" not in said
    assert "Last read" in said
    assert "CC0-1.0" in said
    assert "Its rows may be passed on yes" in said


def test_weeks_are_those_of_the_key_and_a_table_says_the_same(
    world: World, visitor: Visitor
) -> None:
    person = visitor("BEN")
    (source,) = person.get("/v1/sources").json()["items"]
    page = person.get("/sources")
    table = re.findall(r'<td class="number">([^<]*)</td>', page.text)
    expected = [each["count"] for each in source["events_by_week"]]
    assert table == ["not observed" if each is None else str(each) for each in expected]
    assert expected[-3:] == [None] * 3  # Benin is not observed from the tenth of February on
    assert page.text.count("chart-unseen") == expected.count(None)
    assert page.text.count('class="chart-bar"') == 12 - expected.count(None)
    assert 'role="img" aria-label="Events of invented by week.' in page.text


def test_in_french_no_english_is_left(world: World) -> None:
    reason = "nothing newer than 2020-03-01T12:00+00:00: nothing new; 2 payloads could not be read"
    person = with_source(
        world,
        Health.LATE,
        f"{reason} so far",
        outcomes=lambda _: "12 of 300 matured outcomes of ucdp since 2015-01",
    )
    person.language = "fr"
    said = words(person.get("/sources"))
    assert "rien de plus récent que le 1 mars 2020, 12:00 UTC : rien de nouveau" in said
    assert "12 des 300 issues mûres de ucdp" in said
    for english in ("nothing", "could not", "matured", "observed in", "compiled by hand"):
        assert english not in said


def test_several_sources_stand_in_one_table_the_faulty_ones_first(world: World) -> None:
    (known,) = world.sources()
    silent = SourceStatus("second", Health.SILENT, "an invented reason", None)
    second = replace(known, name="second", status=lambda _: silent)
    person = Person(create_app(world.state(sources=lambda: [known, second])))
    person.sign_in(world.key("TGO"))
    page = person.get("/sources").text
    table = page.partition("<caption")[2].partition("</table>")[0]
    rows = [" ".join(re.sub(r"<[^>]*>", " ", row).split()) for row in table.split("<tr>")[2:]]
    assert rows[0].startswith("second is silent never")
    assert rows[1].startswith("invented works")
    assert '<a href="#invented">' in table
    assert 'id="invented"' in page


def test_silence_is_not_calm(world: World) -> None:
    person = with_source(world, Health.SILENT, "nothing newer than <yesterday>")
    page = person.get("/sources")
    said = words(page)
    assert "0 of 1 source works." in said
    assert "Silence is not calm." in said
    assert "invented (is silent)" in said
    assert "Reason: nothing newer than <yesterday>" in said
    assert "<yesterday>" not in page.text
    assert "Last read 5 hours ago" in said
    assert "every hour" in said or "every 60 minutes" in said
    assert "it is behind" in said


def test_a_source_that_is_not_set_up_stands_apart_with_what_it_lacks(world: World) -> None:
    said = words(with_source(world, Health.DISABLED, "it needs a key: set EWARN_X").get("/sources"))
    assert "Not set up" in said
    assert "it needs a key: set EWARN_X" in said
    assert "Silence is not calm" not in said
    assert "0 of 0 sources work." in said


@pytest.mark.parametrize(
    ("weeks", "consequence"),
    [
        (12, "Before 26 weeks are read nothing counts as unusual, and nobody is warned."),
        (
            40,
            "What is usual is not known well yet: some warnings will be missed, some will be wrong",
        ),
        (52, "Unusual weeks are seen."),
    ],
)
def test_what_it_cannot_show_yet(world: World, weeks: int, consequence: str) -> None:
    past = Baseline(SOURCE, weeks, date(2019, 2, 11))
    drop = VolumeDrop(SOURCE, "TG-M", NOW.date(), 3, 61.23)
    person = with_source(
        world, Health.OK, "read", baseline=lambda _: past, drops=lambda _: [drop],
        outcomes=lambda _: "7 matured outcomes",
    )  # fmt: skip
    said = words(person.get("/sources"))
    assert f"{weeks} of 52 weeks of its past were read. {consequence}" in said
    assert ("ewarn ingest invented --since 2019-02-11" in said) is (weeks < 52)
    assert "Hardly anything comes from Maritime, Togo. 3 records" in said
    assert "7 matured outcomes" in said


def test_refused_rows_of_the_last_weeks_are_counted(world: World, visitor: Visitor) -> None:
    for weeks, number in ((1, 2), (20, 40)):
        read = runs.Run(
            SOURCE, NOW - weeks * WEEK, Health.OK, "read", Appended(), number, {}, LAST_ORIGIN
        )
        with world.store.write() as connection:
            runs.record_run(connection, runs.Reading(read, [Rejection(1, "no day")] * number))
    person = visitor("TGO")
    assert person.get("/v1/sources").json()["items"][0]["refused_rows"] == 2
    assert "Rows refused in 12 weeks 2" in words(person.get("/sources"))


def test_counts_that_may_not_be_passed_on_are_not_shown(world: World, visitor: Visitor) -> None:
    world.terms[SOURCE] = CLOSED_TERMS
    page = visitor("TGO").get("/sources")
    assert "Its terms do not allow to show how many events it has." in words(page)
    assert "chart-bar" not in page.text


def test_a_source_of_a_licence_is_hidden_without_it(world: World, visitor: Visitor) -> None:
    world.terms["sealed"] = replace(OPEN_TERMS, readers="acled")
    assert "sealed" not in visitor().get("/sources").text
    assert "sealed" in visitor(licences=("acled",)).get("/sources").text


def test_the_past_is_shown_as_it_was_known_then(visitor: Visitor) -> None:
    person = visitor("TGO")
    page = person.get("/sources?as_of=2019-12-09")
    assert "as known on 9 Dec 2019" in words(page)
    assert 'value="2019-12-09"' in page.text
    assert "/v1/sources?as_of=2019-12-09" in page.text
    assert person.get("/sources?as_of=2021-01-01").status_code == 400


def test_who_may_not_read_sources_reads_why(visitor: Visitor) -> None:
    page = visitor("TGO", scopes=READ_SCOPES - {"sources:read"}).get("/sources")
    assert page.status_code == 200
    assert "the scope sources:read" in words(page)
    assert "/v1/sources" not in page.text


def test_without_sources_the_page_says_so(world: World) -> None:
    nothing: list[ReportedSource] = []
    person = Person(create_app(world.state(sources=lambda: nothing)))
    person.sign_in(world.key("TGO"))
    assert "No source is switched on" in words(person.get("/sources"))


def test_the_largest_week_has_the_highest_bar() -> None:
    weeks = [{"week": "2020-01-06", "count": number} for number in (2, None, 4, 0)]
    bars = week_bars(weeks)
    assert [bar.height for bar in bars] == [28.0, 0.0, 56.0, 0.0]
    assert [bar.y + bar.height for bar in bars] == [56.0] * 4
    assert [bar.x for bar in bars] == [0.0, 24.0, 48.0, 72.0]
