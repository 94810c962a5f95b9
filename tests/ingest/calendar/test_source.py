"""Tests of calendars in CSV and iCalendar. Entries are invented unless a comment says otherwise."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ewarn.domain.source import Payload
from ewarn.errors import RecordRejected
from ewarn.frames.events import EVENT_SCHEMA, ParsedBatch
from ewarn.places.gazetteer import load_gazetteer
from ingest.calendar.source import CalendarSource, read_calendar
from ingest.imports import read_import

PLACES = load_gazetteer()
READ_AT = datetime(2024, 6, 1, 12, tzinfo=UTC)
HEADER = "source_event_id,country,admin1,date,what,topic,announced_on,summary\n"
REIGN = "ccode,elecnum,country,elec_year,elec_month,elec_day,sequence,event,type\n"


def read(text: str, read_at: datetime = READ_AT) -> ParsedBatch:
    batch = read_calendar(text.encode(), PLACES, read_at)
    EVENT_SCHEMA.validate(batch.events)
    return batch


def rows(batch: ParsedBatch) -> list[dict[str, Any]]:
    assert batch.rejected == ()
    return [{str(k): v for k, v in row.items()} for row in batch.events.to_dict("records")]


def the_row(text: str) -> dict[str, Any]:
    (row,) = rows(read(text))
    return row


def ics(*entries: str, method: str = "") -> str:
    events = "".join(f"BEGIN:VEVENT\n{entry}\nEND:VEVENT\n" for entry in entries)
    return f"BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:test\n{method}{events}END:VCALENDAR\n"


def entry(
    *more: str, uid: str = "one@calendar.example", start: str = ";VALUE=DATE:20240929"
) -> str:
    return "\n".join(
        [
            f"UID:{uid}",
            f"DTSTART{start}",
            "DTSTAMP:20240301T090000Z",
            "LOCATION:TGO",
            "CATEGORIES:election",
            *more,
        ]
    )


def test_a_vote_to_come_is_an_entry_and_known_from_its_announcement() -> None:
    row = the_row(HEADER + "tg-1,TGO,,2024-09-29,vote,election,2024-04-12,legislative\n")
    assert (row["kind"], row["tags"]) == ("election", "calendar:vote;topic:election")
    assert (row["occurred_on"].date(), row["ended_on"].date()) == (date(2024, 9, 29),) * 2
    assert (row["known_at"], row["known_at_estimated"]) == (
        datetime(2024, 4, 12, tzinfo=UTC),
        False,
    )
    assert (row["country"], row["region"], row["location_precision"]) == ("TGO", "TGO", "country")
    assert row["summary"] == "legislative"


def test_where_nobody_says_when_it_was_announced_it_is_known_at_the_latest_when_read() -> None:
    past = the_row(HEADER + "a,TGO,,2024-05-01,vote,referendum,,\n")
    assert (past["known_at"], past["known_at_estimated"]) == (
        datetime(2024, 5, 2, tzinfo=UTC),
        True,
    )
    coming = the_row(HEADER + "a,TGO,,2024-09-01,vote,referendum,,\n")
    assert (coming["known_at"], coming["known_at_estimated"]) == (READ_AT, True)


def test_an_entry_of_a_subdivision_lies_in_it() -> None:
    row = the_row(HEADER + "a,Togo,Kara,2024-05-01,vote,election,,\n")
    assert (row["region"], row["location_precision"]) == ("TG-K", "admin1")


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (",TGO,,2024-05-01,vote,election,,", "source_event_id is empty"),
        ("a,Ruritania,,2024-05-01,vote,election,,", "is not a country of ISO 3166"),
        ("a,TGO,Nowhere,2024-05-01,vote,election,,", "admin1 'Nowhere' is not in TGO"),
        ("a,TGO,,1.5.2024,vote,election,,", "is not a day"),
        ("a,TGO,,2024-05-01,march,election,,", "what 'march' is not one of"),
        ("a,TGO,,2024-05-01,vote,assembly,,", "topic 'assembly' is not one of"),
        ("a,TGO,,2024-07-01,postponed,election,,", "postponed cannot lie in the future"),
        ("a,TGO,,2062-12-20,vote,election,,", "2062-12-20 has not come: an entry may lie 10 years"),
        ("a,TGO,,2024-05-01,vote,election,soon,", "announced_on 'soon' is not a day"),
        ("a,TGO", "it has 2 cells where the header has 8"),
    ],
)
def test_a_bad_row_is_refused_by_line_and_the_rest_go_in(line: str, reason: str) -> None:
    batch = read(HEADER + "ok,TGO,,2024-05-01,vote,election,,\n" + line + "\n")
    assert list(batch.events["source_event_id"]) == ["ok"]
    (rejected,) = batch.rejected
    assert rejected.line == 3
    assert reason in rejected.reason


def test_what_is_said_twice_counts_once_and_a_contradiction_is_refused() -> None:
    line = "a,TGO,,2024-05-01,vote,election,2024-01-01,\n"
    batch = read(HEADER + line + line + line.replace("05-01", "05-02"))
    assert len(batch.events) == 1
    assert batch.skipped.total() == 1
    assert [item.line for item in batch.rejected] == [4]


def test_a_deleted_row_withdraws_its_entry() -> None:
    header = HEADER.replace("\n", ",deleted\n")
    row = the_row(header + "a,TGO,,2024-05-01,vote,election,2024-05-03,,true\n")
    assert row["deleted"]
    assert row["known_at"] == datetime(2024, 5, 3, tzinfo=UTC)


def test_reign_knows_a_vote_from_its_announcement() -> None:
    text = REIGN + (
        '461,461001,Togo,2018,11, ,1,Announced,L\n461,461001,Togo,2018,12,20,2,"Vote, Early",L\n'
    )
    announced, vote = rows(read(text))
    assert announced["source_event_id"] == "reign-461001-1"
    assert announced["tags"] == "calendar:announced;topic:election"
    assert (announced["date_precision"], announced["ended_on"].date()) == (
        "month",
        date(2018, 11, 30),
    )
    assert vote["tags"] == "calendar:early;calendar:vote;topic:election"
    assert vote["known_at"] == datetime(2018, 12, 1, tzinfo=UTC)
    assert vote["known_at_estimated"]


@pytest.mark.parametrize(
    ("event", "tag"),
    [
        ("Deadline Not Met", "calendar:deadline-missed"),
        ("Delay Announced", "calendar:postponed"),
        ("Voided by Regime Change", "calendar:voided"),
        ("Vote, As scheduled", "calendar:vote"),
    ],
)
def test_words_of_reign_keep_their_meaning(event: str, tag: str) -> None:
    row = the_row(REIGN + f'461,1,Togo,2018,12,20,1,"{event}",R\n')
    assert row["tags"] == f"{tag};topic:referendum"


def test_rows_of_reign_that_are_no_entries_are_skipped_or_refused() -> None:
    batch = read(
        REIGN
        + "1,1,East Germany,1981,6,14,1,Regime Failure,L\n"
        + '2,2,East Germany,1981,6,14,1,"Vote, As Scheduled",L\n'
        + '3,3,Togo,1981,2,30,1,"Vote, As Scheduled",L\n'
        + "4,4,Togo,1981,2,3,1,Coup,L\n"
    )
    assert len(batch.events) == 0
    assert batch.skipped.total() == 2
    assert [item.line for item in batch.rejected] == [4, 5]


def test_every_row_of_reign_is_accounted_for(shared_data: Callable[[str], Path]) -> None:
    body = shared_data("elections_reign.csv").read_bytes()
    batch = read_calendar(body, PLACES, datetime(2026, 1, 1, tzinfo=UTC))
    lines = body.count(b"\n") - 1
    assert len(batch.events) + len(batch.rejected) + batch.skipped.total() == lines == 4351
    assert len(batch.rejected) <= 1
    assert dict(batch.skipped) == {
        "a state that no longer exists": 65,
        "a regime's end: no entry of a calendar": 33,
    }


def test_an_entry_of_icalendar_keeps_day_place_and_topic_and_no_names() -> None:
    row = the_row(
        ics(
            entry(
                "SUMMARY:Invented Candidate speaks",
                "DESCRIPTION:with Invented Person",
                "ORGANIZER:mailto:invented@example.org",
                "LAST-MODIFIED:20240302T090000Z",
            )
        )
    )
    assert row["tags"] == "calendar:vote;topic:election"
    assert row["occurred_on"].date() == date(2024, 9, 29)
    assert row["known_at"] == datetime(2024, 3, 2, 9, tzinfo=UTC)
    assert not row["known_at_estimated"]
    assert row["source_event_id"].startswith("ics-")
    for word in ("nvented", "example"):
        assert word not in str(row)


@pytest.mark.parametrize(
    ("start", "end", "days"),
    [
        (";VALUE=DATE:20240929", "", (29, 29)),
        (";VALUE=DATE:20240929", "DTEND;VALUE=DATE:20240930", (29, 29)),
        (";VALUE=DATE:20240928", "DTEND;VALUE=DATE:20240930", (28, 29)),
        (";VALUE=DATE:20240928", "DURATION:P2D", (28, 29)),
        (";TZID=Pacific/Auckland:20240929T070000", "", (29, 29)),
        (";TZID=Africa/Lome:20240929T070000", "DTEND;TZID=Africa/Lome:20240930T000000", (29, 29)),
        (":20240928T070000Z", "DTEND:20240929T070000Z", (28, 29)),
        (":20240929T070000", "DURATION:PT9H", (29, 29)),
    ],
)
def test_days_are_those_written_where_the_vote_is(
    start: str, end: str, days: tuple[int, int]
) -> None:
    row = the_row(ics(entry(*([end] if end else []), start=start)))
    assert (row["occurred_on"].day, row["ended_on"].day) == days


@pytest.mark.parametrize(
    "coding", ["utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp1252"]
)
@pytest.mark.parametrize("end", ["\r\n", "\n", "\r"])
def test_a_calendar_of_any_encoding_and_line_end(coding: str, end: str) -> None:
    text = ics(entry("SUMMARY:Élection").replace("LOCATION:TGO", "LOCATION:Côte d'Ivoire"))
    body = text.replace("\n", end).encode(coding)
    batch = read_import(body, PLACES, READ_AT)[1]
    assert list(batch.events["country"]) == ["CIV"]


def test_a_zone_of_the_file_is_understood() -> None:
    zone = (
        "BEGIN:VTIMEZONE\nTZID:Invented\nBEGIN:STANDARD\nDTSTART:19700101T000000\n"
        "TZOFFSETFROM:+1200\nTZOFFSETTO:+1200\nEND:STANDARD\nEND:VTIMEZONE\n"
    )
    row = the_row(ics(entry(start=";TZID=Invented:20240929T003000"), method=zone))
    assert row["occurred_on"].date() == date(2024, 9, 29)


def test_an_anniversary_is_written_out_up_to_two_years_ahead() -> None:
    text = ics(
        entry(
            "RRULE:FREQ=YEARLY",
            "EXDATE;VALUE=DATE:20220427",
            start=";VALUE=DATE:20200427",
        ).replace("CATEGORIES:election", "CATEGORIES:anniversary")
    )
    found = rows(read(text))
    assert [row["occurred_on"].year for row in found] == list(range(2020, 2027))
    assert [row["occurred_on"].year for row in found if row["deleted"]] == [2022]
    assert {row["tags"] for row in found} == {"calendar:observed;topic:anniversary"}
    assert len({row["source_event_id"] for row in found}) == 7


def test_a_moved_instance_stands_for_the_one_it_replaces() -> None:
    series = entry("RRULE:FREQ=YEARLY;COUNT=3", start=";VALUE=DATE:20230427")
    moved = entry("RECURRENCE-ID;VALUE=DATE:20240427", start=";VALUE=DATE:20240430")
    found = rows(read(ics(series, moved)))
    ids = {row["source_event_id"][-8:]: row["occurred_on"].date() for row in found}
    assert ids == {
        "20230427": date(2023, 4, 27),
        "20240427": date(2024, 4, 30),
        "20250427": date(2025, 4, 27),
    }


def test_an_entry_may_last_a_month_and_a_withdrawn_one_longer() -> None:
    month = the_row(ics(entry("DURATION:P31D")))
    assert (month["ended_on"] - month["occurred_on"]).days == 30
    assert the_row(ics(entry("DURATION:P3650D", "STATUS:CANCELLED")))["deleted"]


def test_a_cancelled_entry_is_withdrawn_even_where_little_is_left_of_it() -> None:
    bare = "UID:one@calendar.example\nDTSTART;VALUE=DATE:20240929\nSTATUS:CANCELLED"
    row = the_row(ics(bare + "\nLAST-MODIFIED:20240401T000000Z"))
    kept = the_row(ics(entry()))
    assert row["deleted"]
    assert row["source_event_id"] == kept["source_event_id"]
    assert row["known_at"] > kept["known_at"]


@pytest.mark.parametrize(
    "line",
    [
        "STATUS:CANCELED",
        "STATUS:CANCELLED;",
        "STATUS : CANCELLED",
        "STATUS: ; cancelled ",
        "STATUS:CANCELLED\nSTATUS:CANCELED",
        "CATEGORIES:cancelled",
        "CATEGORIES: Canceled ;",
    ],
)
def test_an_entry_is_withdrawn_however_that_is_spelt(line: str) -> None:
    assert the_row(ics(entry(line)))["deleted"]


def test_a_sent_calendar_is_withdrawn_and_one_of_an_unknown_method_refused() -> None:
    assert the_row(ics(entry(), method="METHOD : cancel;\n"))["deleted"]
    with pytest.raises(RecordRejected, match="METHOD of the calendar is not known"):
        read(ics(entry(), method="METHOD:CANCELED\n"))


@pytest.mark.parametrize(
    ("word", "what"),
    [("Deadline missed", "deadline-missed"), ("deadline_missed", "deadline-missed")],
)
def test_a_category_is_known_with_blanks_for_hyphens(word: str, what: str) -> None:
    row = the_row(ics(entry(f"CATEGORIES:{word}", start=";VALUE=DATE:20240429")))
    assert row["tags"] == f"calendar:{what};topic:election"


def test_a_category_that_is_not_known_is_left_out_with_a_note() -> None:
    batch = read(
        ics(
            entry("CATEGORIES:reporté"),
            entry(uid="two"),
            entry("CATEGORIES:postponned,vote", uid="three"),
            entry("CATEGORIES:Invented", "STATUS:CANCELLED", uid="four"),
        )
    )
    assert batch.notes[0] == (
        "Entries 1, 3: a category that is not known was left out; to withdraw an entry write "
        "STATUS:CANCELLED."
    )
    assert len(batch.events) == 4


def test_an_entry_beside_a_refused_one_of_its_uid_is_refused() -> None:
    """The one that cannot be read may be the newer version."""
    batch = read(ics(entry(), entry("SEQUENCE:1", "STATUS:GONE"), entry(uid="two")))
    assert (len(batch.events), len(batch.series)) == (1, 1)
    assert [item.reason[:8] for item in batch.rejected] == ["entry 2:", "entry 1:"]
    assert batch.rejected[1].reason == (
        "entry 1: entry 2 has its UID and is refused: mend that one."
    )


def test_of_two_versions_in_a_file_the_newer_counts() -> None:
    old = entry("SEQUENCE:1", "CATEGORIES:vote")
    new = entry("SEQUENCE:2", "CATEGORIES:announced")
    for text in (ics(old, new), ics(new, old)):
        batch = read(text)
        assert list(batch.events["tags"]) == ["calendar:announced;topic:election"]
        assert dict(batch.skipped) == {"an older version of an entry": 1}


def test_stamps_of_a_calendar_that_was_sent_are_estimates() -> None:
    row = the_row(ics(entry(), method="METHOD:PUBLISH\n"))
    assert (row["known_at"], row["known_at_estimated"]) == (
        datetime(2024, 3, 1, 9, tzinfo=UTC),
        True,
    )


@pytest.mark.parametrize("stamp", ["16010101T000000Z", "19700101T000000Z", "20240602T000000Z"])
def test_a_stamp_that_cannot_be_true_is_as_good_as_absent(stamp: str) -> None:
    doubted = the_row(ics(entry(f"LAST-MODIFIED:{stamp}")))
    assert (doubted["known_at"], doubted["known_at_estimated"]) == (
        datetime(2024, 3, 1, 9, tzinfo=UTC),
        True,
    )
    none = the_row(ics(entry().replace("20240301T090000Z", stamp)))
    assert (none["known_at"], none["known_at_estimated"]) == (READ_AT, True)


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("RRULE:FREQ=DAILY", "otherwise than yearly"),
        ("RRULE:FREQ=YEARLY;BYHOUR=1", "otherwise than yearly"),
        ("RRULE:FREQ=YEARLY;INTERVAL=0", "its INTERVAL is 0"),
        ("RRULE:FREQ=NONSENSE", "its RRULE cannot be read"),
        ("RRULE:FREQ=YEARLY;KOSSI=1", "its RRULE cannot be read"),
        ("RRULE:FREQ=YEARLY\nEXRULE:FREQ=YEARLY;INTERVAL=2", "by a rule (EXRULE): list them"),
        ("RRULE:FREQ=YEARLY\nEXDATE:soon", "its EXDATE cannot be read"),
        ("RRULE:FREQ=YEARLY\nRDATE:soon", "its RDATE cannot be read"),
        ("RRULE:FREQ=YEARLY;BYDAY=MO,TU,WE,TH,FR,SA,SU", "on more than 400 days"),
        ("RRULE:FREQ=YEARLY\nRRULE:FREQ=YEARLY;BYMONTH=2", "more than one rule"),
        ("RECURRENCE-ID;RANGE=THISANDFUTURE;VALUE=DATE:20240101", "changes a series"),
        ("DTEND;VALUE=DATE:20200101", "before its first"),
        ("CATEGORIES:postponed", "cannot lie in the future"),
        ("SEQUENCE:x", "SEQUENCE is not a number"),
        ("DTEND;VALUE=DATE:20241101", "its days are 33: an entry may have 31 at most"),
        ("RRULE:FREQ=YEARLY\nDTEND;VALUE=DATE:20230427", "its days are 1095: an entry may have"),
        ("STATUS:DELETED", "its STATUS is not one of TENTATIVE, CONFIRMED, CANCELLED: write one"),
        ("STATUS:CANCELLED;x", "its STATUS is not one of"),
        ("STATUS:CONFIRMED\nSTATUS:CANCELLED", "it has several STATUS lines that differ"),
        ("CATEGORIES:referendum", "its CATEGORIES name both election and referendum: keep one"),
        ("CATEGORIES:vote,tabled", "its CATEGORIES name both tabled and vote: keep one"),
        ("LOCATION:BEN", "it has several LOCATION lines that differ"),
    ],
)
def test_an_entry_that_cannot_be_read_is_refused_and_the_rest_go_in(line: str, reason: str) -> None:
    start = ";VALUE=DATE:20200427" if "RRULE" in line else ";VALUE=DATE:20240929"
    batch = read(ics(entry(line, start=start), entry(uid="two")))
    assert len(batch.events) == 1
    (rejected,) = batch.rejected
    assert rejected.reason.startswith("entry 1: ")
    assert reason in rejected.reason


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("LOCATION:TGO", "LOCATION:Somewhere", "ends with no country that is known: write `TGO`"),
        ("LOCATION:TGO", "LOCATION:12 Kossi Street\\, Togo", "with no subdivision of TGO that"),
        ("LOCATION:TGO\n", "", "LOCATION names no country"),
        ("CATEGORIES:election", "CATEGORIES:assembly", "must name one of"),
        ("DTSTART;VALUE=DATE:20240929", "DTSTART:soon", "its DTSTART cannot be read"),
        ("UID:one@calendar.example\n", "", "it has no UID"),
    ],
)
def test_what_an_entry_lacks_is_named(old: str, new: str, reason: str) -> None:
    (rejected,) = read(ics(entry().replace(old, new))).rejected
    assert reason in rejected.reason


def test_a_place_within_a_country_is_read_from_the_location() -> None:
    row = the_row(ics(entry().replace("LOCATION:TGO", "LOCATION:Kara\\, Togo")))
    assert (row["country"], row["region"]) == ("TGO", "TG-K")


def test_other_components_are_skipped() -> None:
    text = ics(entry()).replace("END:VCALENDAR", "BEGIN:VTODO\nUID:x\nEND:VTODO\nEND:VCALENDAR")
    assert dict(read(text).skipped) == {"no event but a vtodo": 1}


@pytest.mark.parametrize(
    ("text", "known"),
    [
        (ics(entry()), True),
        ("\ufeff" + ics(), True),
        (HEADER, True),
        (REIGN, True),
        ("source,source_event_id,kind,occurred_on,country\n", False),
    ],
)
def test_a_calendar_is_told_by_what_stands_in_it(text: str, known: bool) -> None:
    if known:
        assert read_import(text.encode(), PLACES, READ_AT)[0] == "calendar"
        return
    with pytest.raises(RecordRejected, match="is not a calendar"):
        read_calendar(text.encode(), PLACES, READ_AT)


def test_what_is_no_calendar_is_refused_whole() -> None:
    for body in (b"", b"\xef\xbb\xbf", b"a,b\n1,2\n", b"\x1f\x8b", b"BEGIN:VCALENDAR"):
        with pytest.raises(RecordRejected):
            read_calendar(body, PLACES, READ_AT)


def test_it_claims_to_have_observed_nothing_and_tags_nothing_as_planned() -> None:
    batch = read(HEADER + "a,TGO,,2024-09-01,vote,election,2024-05-01,\n")
    assert batch.coverage == ()
    assert "planned" not in batch.events["tags"].iloc[0]


def test_without_a_folder_it_is_disabled() -> None:
    assert "EWARN_CALENDAR_FOLDER" in (CalendarSource().obstacle or "")
    assert CalendarSource(folder=Path()).obstacle is None


GOOD = [
    ics(
        entry("RRULE:FREQ=YEARLY;COUNT=2", "EXDATE;VALUE=DATE:20240101", "SEQUENCE:3"),
        entry("RECURRENCE-ID;VALUE=DATE:20240929", "STATUS:CANCELLED", "DURATION:P1D"),
    ),
    HEADER + "a,TGO,Kara,2024-05-01,vote,election,2024-01-01,x\n",
    REIGN + '461,1,Togo,2018,12,20,1,"Vote, Early",R\n',
]


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    good=st.sampled_from(GOOD),
    cuts=st.lists(
        st.tuples(st.integers(0, 700), st.integers(0, 8), st.text(max_size=6)), max_size=4
    ),
)
def test_whatever_is_changed_nothing_but_a_refusal_comes_out(
    good: str, cuts: list[tuple[int, int, str]]
) -> None:
    for at, length, put in cuts:
        good = good[: at % len(good)] + put + good[at % len(good) + length :] or "x"
    payload = Payload("calendar", "fuzz", good.encode("utf-8", "replace"), READ_AT)
    try:
        batches = list(CalendarSource().parse(payload, PLACES))
    except RecordRejected:
        return
    for batch in batches:
        EVENT_SCHEMA.validate(batch.events)
        assert (batch.events["known_at"] <= READ_AT + timedelta(0)).all()


@given(body=st.binary(max_size=300))
def test_bytes_of_anything_are_refused(body: bytes) -> None:
    with pytest.raises(RecordRejected):
        read_calendar(b"BEGIN:VCALENDAR" + body.replace(b"END", b""), PLACES, READ_AT)
