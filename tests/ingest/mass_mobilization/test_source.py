"""Tests of Mass Mobilization: its rows, compared with the research file, and its download."""

import csv
import gzip
import hashlib
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, date, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any, cast

import orjson
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ewarn.domain.region import Ground, Placement, Region
from ewarn.domain.source import Coverage, Payload
from ewarn.errors import RecordRejected, SourceRefused, SourceUnreachable
from ewarn.frames.events import EVENT_COLUMNS, EXCHANGE_COLUMNS, ParsedBatch
from ewarn.places.gazetteer import load_gazetteer
from ewarn.ports import Places
from ingest.exchange.format import read_exchange
from ingest.mass_mobilization.source import DOI, MassMobilizationSource
from ingest.shared.web import Web
from tests.ingest.mass_mobilization.provider import EVERY_CASE, ends, file_of, original, quiet_year
from tests.provider import Provider, Reply

NOW = datetime(2026, 9, 1, tzinfo=UTC)


def parsed(body: bytes, places: Places | None = None) -> ParsedBatch:
    payload = Payload("mass-mobilization", "invented.csv", body, NOW)
    (batch,) = MassMobilizationSource().parse(payload, places or load_gazetteer())
    return batch


class Wordless:
    """A gazetteer that knows countries and leaves places unread, which takes a minute for all."""

    def country_named(self, name: str) -> Region | None:
        return load_gazetteer().country_named(name)

    def placed(self, place: str, country: str) -> Placement:
        return Placement(load_gazetteer().get(country), Ground.UNKNOWN)


@lru_cache(maxsize=1)
def every_case() -> ParsedBatch:
    return parsed(file_of(*EVERY_CASE))


def event(id_: str) -> dict[str, Any]:
    rows = every_case().events.set_index("source_event_id")
    return {str(name): value for name, value in rows.loc[id_].items()}


def test_a_row_is_one_protest_and_as_many_events_as_the_state_made_of_it() -> None:
    kinds = every_case().events.set_index("source_event_id")["kind"]
    assert kinds["4612005001"] == "protest"
    assert kinds["4612005002"] == "riot"
    assert kinds["4612005003"] == "riot"
    assert kinds["4612005004-arrest"] == "arrest"
    assert kinds["4612005005-force"] == "force"
    assert kinds["4612005006-force"] == "force"
    assert kinds["4612005007-arrest"] == "arrest"
    assert kinds["4612005007-force"] == "force"
    assert len(kinds) == 17 + 5
    assert kinds.index.is_unique


def test_all_events_of_a_row_share_its_days_place_participants_and_tags() -> None:
    shared = [name for name in EVENT_COLUMNS if name not in ("source_event_id", "kind")]
    shared.remove("fatalities_low")
    rows = [event(f"4612005007{end}") for end in ("", "-arrest", "-force")]
    for name in shared:
        assert len({str(row[name]) for row in rows}) == 1, name
    assert rows[0]["tags"] == (
        "demand:political_behavior_process;response:arrest;response:ignore;response:killing"
    )


def test_deaths_are_known_of_force_alone() -> None:
    assert event("4612005007-force")["fatalities_low"] == 1
    assert event("4612005006-force")["fatalities_low"] == 0
    assert event("4612005005-force")["fatalities_low"] == 0
    assert event("4612005007")["fatalities_low"] is pd.NA
    assert event("4612005007-arrest")["fatalities_low"] is pd.NA
    assert every_case().events["fatalities_high"].isna().all()


def test_days_are_those_of_the_row_and_it_is_known_the_day_after() -> None:
    row = event("4612005003")
    assert row["occurred_on"].date() == date(2005, 4, 24)
    assert row["ended_on"].date() == date(2005, 5, 2)
    assert row["known_at"] == datetime(2005, 5, 3, tzinfo=UTC)
    assert (row["known_at_estimated"], row["date_precision"]) == (True, "day")


def test_participants_are_a_range_or_unknown() -> None:
    assert event("4612005001")["participants_low"] == 100
    assert event("4612005001")["participants_high"] == 999
    assert event("4612005011")["participants_low"] == 10000
    assert event("4612005011")["participants_high"] is pd.NA
    assert event("4612005012")["participants_low"] is pd.NA


def test_places_are_named_and_stay_in_the_country_where_no_name_is_known() -> None:
    assert (event("4612005001")["region"], event("4612005001")["place"]) == ("TG-K", "Kara")
    assert event("4612005015")["region"] == "CI-VB"
    assert event("4612005001")["location_precision"] == "admin1"
    assert (event("4612005013")["region"], event("4612005013")["place"]) == ("TGO", "national")
    assert event("4612005013")["location_precision"] == "country"
    assert pd.isna(event("4612005014")["place"])
    assert event("4612005015")["country"] == "CIV"
    assert event("4611990016")["country"] == "DEU"


def test_words_outside_the_scheme_are_counted_and_not_kept() -> None:
    assert event("4612005008")["tags"] == (
        "demand:political_behavior_process;response:accommodation;response:dispersal"
    )
    assert event("4612005009")["tags"] == event("4612005010")["tags"] == ""
    assert "demand:price_increases_tax_policy" in event("4612005011")["tags"]
    assert every_case().notes == (
        "1 words in protesterdemand are not in its codebook and were left out.",
        "1 words in stateresponse are not in its codebook and were left out.",
    )


def test_every_row_that_is_refused_says_why_and_where() -> None:
    reasons = [row.reason for row in every_case().rejected]
    assert len(reasons) == 7
    for said in (
        "country 'Atlantis' is not a known country",
        "its start [2005, 2, 31] is no day",
        "it ends on 2005-04-01, before it starts on 2005-04-24",
        "id 4612005019 is on line",
        "participants 'many' is not a whole number",
        "protesterviolence is 2 where 0 or 1 is expected",
        "id 'no number' is not a number",
    ):
        assert any(said in reason for reason in reasons), said
    assert every_case().skipped == {"a year without protest": 2}


def test_no_name_of_a_person_or_a_paper_is_kept() -> None:
    text = every_case().events.to_csv() + "".join(r.reason for r in every_case().rejected)
    for word in ("Friends", "Person", "paper", "nobody", "invented re"):
        assert word not in text


def test_years_with_a_row_count_as_observed_up_to_the_last_protest() -> None:
    rows = (
        quiet_year(2004),
        original(1),
        quiet_year(2007),
        original(9, country="Benin", year=2007, startyear=2007, **ends(2007, 4, 30)),
    )
    assert parsed(file_of(*rows)).coverage == (
        Coverage("mass-mobilization", "BEN", date(2007, 1, 1), date(2007, 4, 16)),
        Coverage("mass-mobilization", "TGO", date(2004, 1, 5), date(2005, 12, 19)),
        Coverage("mass-mobilization", "TGO", date(2007, 1, 1), date(2007, 4, 16)),
    )


def test_latin_1_is_read_as_utf_8_is() -> None:
    rows = (original(1, location="Sokodé"),)
    latin, modern = parsed(file_of(*rows, encoding="latin-1")), parsed(file_of(*rows))
    assert latin.events["place"].tolist() == ["Sokodé"]
    assert latin.events.equals(modern.events)


def test_a_file_of_something_else_is_refused() -> None:
    with pytest.raises(RecordRejected, match="lacks the columns id, country, year"):
        parsed(b"source,source_event_id\n")


# --- the same events as the research file has ------------------------------------------------


def recoded(path: Path) -> tuple[dict[str, list[dict[str, str]]], list[dict[str, str]]]:
    with gzip.open(path, "rt", encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    protests: dict[str, list[dict[str, str]]] = defaultdict(list)
    for row in rows:
        protests[row["source_event_id"].split("-")[0]].append(row)
    return protests, rows


def original_of(rows: list[dict[str, str]]) -> dict[str, Any]:
    """The publisher's row that recoded ones were made of."""
    protest = rows[0]
    tags = protest["tags"].split(";")
    spelt = {
        **{"arrest": "arrests", "beating": "beatings", "dispersal": "crowd dispersal"},
        **{"accommodation": "accomodation", "ignore": "ignore"},
        **{"killing": "killings", "shooting": "shootings"},
    }
    words = [tag.removeprefix("response:") for tag in tags if tag.startswith("response:")]
    demands = [tag.removeprefix("demand:") for tag in tags if tag.startswith("demand:")]
    first = date.fromisoformat(protest["occurred_on"])
    last = date.fromisoformat(protest["ended_on"])
    return {
        "id": protest["source_event_id"],
        "country": load_gazetteer().get(protest["country"]).name,
        "year": first.year,
        "protest": 1,
        "protesterviolence": int(protest["kind"] == "riot"),
        **{"startyear": first.year, "startmonth": first.month, "startday": first.day},
        **{"endyear": last.year, "endmonth": last.month, "endday": last.day},
        "location": protest["place"],
        "participants_category": protest["participants"],
        "protesteridentity": "not known",
        **{
            f"protesterdemand{n}": word.replace("behavior_process", "behavior, process").replace(
                "_", " "
            )
            for n, word in enumerate(demands, start=1)
        },
        **{f"stateresponse{n}": spelt[word] for n, word in enumerate(words, start=1)},
    }


def exchange_file(rows: list[dict[str, str]]) -> bytes:
    header = [name for name in EXCHANGE_COLUMNS if name in rows[0]]
    return file_of(*rows, header=tuple(header))


def test_the_research_file_comes_back_event_by_event(shared_data: Callable[[str], Path]) -> None:
    protests, rows = recoded(shared_data("events_mass_mobilization.csv.gz"))
    ours = parsed(
        file_of(*(original_of(rows) for rows in protests.values())), cast("Places", Wordless())
    )
    theirs = read_exchange(exchange_file(rows), load_gazetteer(), NOW)
    assert ours.rejected == theirs.rejected == ()
    assert ours.notes == ()
    assert len(ours.events) == 13_032
    # Placing is the gazetteer's, and of places the research file keeps a lone "." as a name.
    elsewhere = {"source_event_id", "line", "region", "location_precision"}
    left = ours.events.set_index("source_event_id").sort_index()
    right = theirs.events.set_index("source_event_id").sort_index()
    right["place"] = right["place"].mask(right["place"] == ".")
    right["known_at_estimated"] = True  # an exchange file cannot say so
    for column in set(EVENT_COLUMNS) - elsewhere:
        assert left[column].equals(right[column]), column


# --- from Dataverse --------------------------------------------------------------------------


BODY = file_of(*EVERY_CASE)
LISTING = "/api/datasets/:persistentId/"


def listed(id_: int, name: str, body: bytes, **others: Any) -> dict[str, Any]:
    """A file as Dataverse lists it."""
    return {
        "label": name,
        "restricted": False,
        "dataFile": {
            "id": id_,
            "filename": name,
            "md5": hashlib.md5(body).hexdigest(),
            "creationDate": "2020-07-31",
            "publicationDate": "2020-08-03",
            **others,
        },
    }


def listing(*files: Mapping[str, Any]) -> Reply:
    """The answer of Dataverse to a question for a data set."""
    version = {"releaseTime": "2020-08-03T12:00:00Z", "files": list(files)}
    return Reply(orjson.dumps({"status": "OK", "data": {"id": 1, "latestVersion": version}}))


CONVERTED = {"originalFileFormat": "text/csv", "originalFileName": "invented.csv"}


@pytest.fixture
def dataverse(provider: Provider) -> Provider:
    manual = listed(8, "manual.pdf", b"%PDF")
    provider.answers[LISTING] = [listing(manual, listed(7, "invented.tab", BODY, **CONVERTED))]
    provider.answers["/api/access/datafile/7"] = [Reply(BODY)]
    return provider


def fetched(dataverse: Provider, web: Web, since: datetime | None = None) -> list[Payload]:
    return list(MassMobilizationSource(web, url=dataverse.url).fetch(since, NOW))


def test_the_file_is_fetched_as_it_was_uploaded(dataverse: Provider, web: Web) -> None:
    (payload,) = fetched(dataverse, web)
    assert (payload.name, payload.body) == ("invented.csv", BODY)
    assert payload.published_at == datetime(2020, 8, 3, tzinfo=UTC)
    assert dataverse.requests[0].query == {"persistentId": DOI}
    assert dataverse.requests[1].query == {"format": "original"}


def test_a_file_that_was_read_is_not_fetched_again(dataverse: Provider, web: Web) -> None:
    assert fetched(dataverse, web, datetime(2020, 8, 3, tzinfo=UTC)) == []
    assert dataverse.asked == [LISTING]


def test_a_redirect_to_storage_is_followed(dataverse: Provider, web: Web) -> None:
    moved = Reply(b"", 303, {"Location": "/storage/x?signature=y"})
    dataverse.answers["/api/access/datafile/7"] = [moved]
    dataverse.answers["/storage/x"] = [Reply(BODY)]
    assert fetched(dataverse, web)[0].body == BODY


def test_a_wrong_checksum_is_tried_once_more_and_then_refused(
    dataverse: Provider, web: Web
) -> None:
    dataverse.answers["/api/access/datafile/7"] = [Reply(BODY[:-1]), Reply(BODY)]
    assert fetched(dataverse, web)[0].body == BODY
    dataverse.answers["/api/access/datafile/7"] = [Reply(BODY[:-1])]
    with pytest.raises(SourceRefused, match="does not have the MD5 it is listed with, twice"):
        fetched(dataverse, web)


@pytest.mark.parametrize(
    "answer",
    [
        Reply(b"<html>down for maintenance</html>"),
        Reply(b"{}"),
        Reply(b"[]"),
        Reply(b'{"data": {"latestVersion": {"files": []}}}'),
        Reply(b'{"data": {"latestVersion": {"releaseTime": "x", "files": []}}}'),
        listing({"label": "x", "dataFile": {"id": 1}}),
        listing({"label": "x", "dataFile": {"id": "one", "md5": "0", "filename": "a.csv"}}),
        listing({"label": "x"}),
    ],
)
def test_a_listing_that_is_none_is_refused(dataverse: Provider, web: Web, answer: Reply) -> None:
    dataverse.answers[LISTING] = [answer]
    with pytest.raises(SourceRefused, match="gave no list of files"):
        fetched(dataverse, web)


def test_a_data_set_without_a_table_is_refused(dataverse: Provider, web: Web) -> None:
    dataverse.answers[LISTING] = [listing(listed(8, "manual.pdf", b"%PDF"))]
    with pytest.raises(SourceRefused, match=r"lists no CSV file but manual\.pdf"):
        fetched(dataverse, web)


def test_a_publisher_that_is_down_is_unreachable(dataverse: Provider, web: Web) -> None:
    dataverse.answers[LISTING] = [Reply(b"", 503)]
    with pytest.raises(SourceUnreachable):
        fetched(dataverse, web)


# --- anything at all -------------------------------------------------------------------------


def mutated() -> Iterator[st.SearchStrategy[bytes]]:
    """Anything, and a good file with some bytes of it changed."""
    yield st.binary(max_size=400)
    good = file_of(*EVERY_CASE[:8])
    spot = st.tuples(st.integers(0, len(good) - 1), st.binary(max_size=4))
    yield st.lists(spot, min_size=1, max_size=5).map(lambda spots: _changed(good, spots))


def _changed(body: bytes, spots: list[tuple[int, bytes]]) -> bytes:
    for at, put in spots:
        body = body[:at] + put + body[at + len(put) + 1 :]
    return body


@given(st.one_of(*mutated()))
@settings(max_examples=150, deadline=None)
def test_whatever_comes_is_read_or_refused(body: bytes) -> None:
    try:
        batch = parsed(body)
    except RecordRejected:
        return
    assert set(batch.events["line"]).isdisjoint(row.line for row in batch.rejected)
