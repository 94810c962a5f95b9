"""Tests of reading ACLED: tokens that end, lists that change, embargoes, deletions."""

import json
import re
from datetime import UTC, date, datetime

import pytest

from ewarn.domain.source import Payload
from ewarn.errors import (
    SourceDenied,
    SourceEmbargoed,
    SourceRefused,
    SourceUnreachable,
)
from ewarn.places.gazetteer import load_gazetteer
from ingest.acled import pages as acled_pages
from ingest.acled.source import AcledSource
from ingest.shared.web import Web
from tests.ingest.acled.provider import (
    PASSWORD,
    USERNAME,
    InventedAcled,
    Row,
    invented,
    listed,
    stamp,
)
from tests.provider import Provider, Reply, Request, fetched

NOW = datetime(2025, 11, 20, 6, tzinfo=UTC)
SINCE = datetime(2025, 11, 18, tzinfo=UTC)
READ = "/api/acled/read"


@pytest.fixture
def acled(provider: Provider) -> InventedAcled:
    return InventedAcled(provider, [invented(number) for number in range(7)])


@pytest.fixture
def source(acled: InventedAcled, web: Web, monkeypatch: pytest.MonkeyPatch) -> AcledSource:
    monkeypatch.setattr(acled_pages, "LIMIT", 2)
    return AcledSource(web, url=acled.provider.url + "/", username=USERNAME, password=PASSWORD)


def rows_of(payloads: list[Payload]) -> list[Row]:
    return [row for payload in payloads for row in json.loads(payload.body)["data"]]


def ids(payloads: list[Payload]) -> list[str]:
    return [row["event_id_cnty"] for row in rows_of(payloads)]


ALL = [f"TGO{number}" for number in range(7)]


def test_without_an_account_it_is_switched_off_and_says_which_settings_to_set() -> None:
    assert AcledSource(username=USERNAME, password=PASSWORD).obstacle is None
    for half in ({"username": USERNAME}, {"password": PASSWORD}, {}):
        obstacle = AcledSource(**half).obstacle  # type: ignore[arg-type]
        assert obstacle is not None
        assert "EWARN_ACLED_USERNAME and EWARN_ACLED_PASSWORD" in obstacle


@pytest.mark.parametrize("counts_pages", [True, False])
@pytest.mark.parametrize("tells_total", [True, False])
def test_all_pages_are_read_by_number_or_by_cursor(
    acled: InventedAcled, source: AcledSource, counts_pages: bool, tells_total: bool
) -> None:
    acled.counts_pages, acled.tells_total = counts_pages, tells_total
    payloads, error = fetched(source, SINCE, NOW)
    assert error is None
    assert ids(payloads) == ALL
    assert {payload.fetched_at for payload in payloads} == {NOW}
    assert len({payload.name for payload in payloads}) == len(payloads)


def test_only_the_last_page_moves_the_cursor_to_the_newest_stamp(source: AcledSource) -> None:
    payloads, _ = fetched(source, SINCE, NOW)
    marks = [payload.published_at for payload in payloads]
    assert marks == [SINCE] * 3 + [datetime(2025, 11, 18, 0, 0, 6, tzinfo=UTC)]
    assert [payload.last_day for payload in payloads] == [None] * 3 + [date(2025, 11, 7)]


def test_the_next_reading_overlaps_so_that_rows_of_the_same_second_are_not_lost(
    acled: InventedAcled, source: AcledSource
) -> None:
    payloads, _ = fetched(source, SINCE, NOW)
    mark = payloads[-1].published_at
    assert mark is not None
    acled.events.append(invented(8, timestamp=int(mark.timestamp())))
    again, _ = fetched(source, mark, NOW)
    assert "TGO8" in ids(again)


def test_the_first_reading_begins_two_years_back_or_on_the_day_set(
    acled: InventedAcled, source: AcledSource, web: Web
) -> None:
    acled.events.append(invented(9, event_date="2023-11-20", timestamp=stamp("2023-12-01")))
    acled.events.append(invented(10, event_date="2019-01-01"))
    assert "TGO10" not in ids(fetched(source, None, NOW)[0])
    assert "TGO9" not in ids(fetched(source, None, NOW)[0]), "stamped before the first day"
    deep = AcledSource(
        web,
        url=acled.provider.url,
        username=USERNAME,
        password=PASSWORD,
        since=date(2019, 1, 1),
    )
    assert set(ids(fetched(deep, None, NOW)[0])) == {*ALL, "TGO9", "TGO10"}


def test_a_first_reading_that_breaks_off_begins_anew(
    acled: InventedAcled, source: AcledSource
) -> None:
    asked = 0

    def breaks(request: Request) -> Reply | None:
        nonlocal asked
        asked += request.path == READ
        return Reply(b"", 503) if asked >= 3 and request.path == READ else None

    acled.meddle = breaks
    payloads, error = fetched(source, None, NOW)
    assert isinstance(error, SourceUnreachable)
    assert [payload.published_at for payload in payloads] == [
        datetime(2023, 11, 21, tzinfo=UTC)
    ] * len(payloads)
    acled.meddle = lambda _: None
    assert ids(fetched(source, payloads[-1].published_at, NOW)[0]) == ALL


def test_only_what_is_kept_is_asked_for(acled: InventedAcled, source: AcledSource) -> None:
    fetched(source, SINCE, NOW)
    asked = next(r.query["fields"] for r in acled.provider.requests if r.path == READ).split("|")
    assert {"event_id_cnty", "event_date", "timestamp", "fatalities"} <= set(asked)
    forbidden = {"actor1", "actor2", "assoc_actor_1", "assoc_actor_2", "notes", "source", "tags"}
    assert forbidden.isdisjoint(asked)


def test_a_token_that_ends_on_the_way_is_renewed_once_and_the_page_asked_again(
    acled: InventedAcled, source: AcledSource
) -> None:
    pages = 0

    def ends(request: Request) -> Reply | None:
        nonlocal pages
        pages += request.path == READ
        if pages == 3:
            acled.good.clear()
        return None

    acled.meddle = ends
    payloads, error = fetched(source, SINCE, NOW)
    assert error is None
    assert ids(payloads) == ALL
    assert acled.grants == ["password", "refresh_token"]


def test_an_account_that_may_not_read_is_denied_and_what_came_before_stays(
    acled: InventedAcled, source: AcledSource
) -> None:
    pages = 0

    def refuses(request: Request) -> Reply | None:
        nonlocal pages
        pages += request.path == READ
        return Reply(b'{"message": "consent"}', 403) if pages > 2 and request.path == READ else None

    acled.meddle = refuses
    payloads, error = fetched(source, SINCE, NOW)
    assert isinstance(error, SourceDenied)
    assert str(error).startswith("ACLED refuses the account")
    assert ids(payloads) == ALL[:2]
    assert payloads[0].published_at == SINCE


def moved(acled: InventedAcled, at_page: int, change: str) -> None:
    """Let the listing change once, when a page is asked for."""
    pages = 0

    def changes(request: Request) -> Reply | None:
        nonlocal pages
        pages += request.path == READ
        if pages == at_page and request.path == READ:
            if change == "insert":
                acled.events.insert(0, invented(20))
            elif change == "delete":
                del acled.events[0]
            elif change == "restamp":
                acled.events.append(acled.events.pop(0) | {"timestamp": stamp("2025-11-19")})
            pages += 1
        return None

    acled.meddle = changes


@pytest.mark.parametrize("tells_total", [True, False])
@pytest.mark.parametrize("change", ["insert", "delete", "restamp"])
@pytest.mark.parametrize("at_page", [2, 3, 4])
def test_a_listing_that_moves_while_it_is_read_is_read_until_it_is_whole(
    acled: InventedAcled, source: AcledSource, at_page: int, change: str, tells_total: bool
) -> None:
    acled.tells_total = tells_total
    moved(acled, at_page, change)
    payloads, error = fetched(source, SINCE, NOW)
    assert error is None
    assert {row["event_id_cnty"] for row in acled.events} <= set(ids(payloads)), "nothing lost"
    stamped = [(row["event_id_cnty"], row["timestamp"]) for row in rows_of(payloads)]
    newest = max(int(seconds) for _, seconds in stamped)
    assert payloads[-1].published_at == datetime.fromtimestamp(newest, UTC)


def test_a_row_that_is_stamped_anew_while_it_is_read_is_read_anew(
    acled: InventedAcled, source: AcledSource
) -> None:
    pages = 0

    def changes(request: Request) -> Reply | None:
        nonlocal pages
        pages += request.path == READ
        if pages == 2:
            acled.events[0] = acled.events[0] | {"timestamp": stamp("2025-11-19")}
            acled.events.append(invented(20))
            pages += 1
        return None

    acled.meddle = changes
    payloads, error = fetched(source, SINCE, NOW)
    assert error is None
    assert ("TGO0", stamp("2025-11-19")) in [
        (row["event_id_cnty"], row["timestamp"]) for row in rows_of(payloads)
    ]
    assert "TGO20" in ids(payloads)


def test_a_page_that_comes_twice_costs_no_rows(acled: InventedAcled, source: AcledSource) -> None:
    pages: list[Reply] = []

    def repeats(request: Request) -> Reply | None:
        if request.path != READ or request.headers["authorization"][7:] not in acled.good:
            return None
        reply = acled._listing(request, acled.events, "timestamp")
        pages.append(reply)
        return pages[1] if len(pages) == 3 else reply

    acled.meddle = repeats
    payloads, error = fetched(source, SINCE, NOW)
    assert error is None
    assert sorted(set(ids(payloads))) == ALL


def test_a_listing_that_never_comes_whole_leaves_the_cursor(
    acled: InventedAcled, source: AcledSource
) -> None:
    def lacks(request: Request) -> Reply | None:
        if request.path != READ or request.headers["authorization"][7:] not in acled.good:
            return None
        reply = acled._listing(request, acled.events[:-1], "timestamp")
        document = json.loads(reply.body) | {"total_count": 7}
        return Reply(json.dumps(document).encode())

    acled.meddle = lacks
    payloads, error = fetched(source, SINCE, NOW)
    assert isinstance(error, SourceUnreachable)
    assert "6 rows came in 3 readings, 7 were announced" in str(error)
    assert set(ids(payloads)) == set(ALL[:-1]), "what came is kept"
    assert {payload.published_at for payload in payloads} == {SINCE}


def test_pages_that_do_not_end_are_refused(
    acled: InventedAcled, source: AcledSource, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(acled_pages, "MAX_PAGES", 3)
    acled.events += [invented(number) for number in range(10, 30)]
    _, error = fetched(source, SINCE, NOW)
    assert isinstance(error, SourceRefused)
    assert "does not end after 3 pages" in str(error)


def test_a_parameter_that_is_ignored_does_not_loop_for_ever(
    acled: InventedAcled, source: AcledSource
) -> None:
    first = listed([invented(1), invented(2)])
    acled.meddle = lambda request: Reply(first) if request.path == READ else None
    payloads, error = fetched(source, SINCE, NOW)
    assert error is None or isinstance(error, SourceUnreachable)
    assert ids(payloads) == ["TGO1", "TGO2"]
    assert len(acled.provider.asked) < 12


@pytest.mark.parametrize(
    ("body", "says"),
    [
        (b"<!DOCTYPE html><html>Maintenance</html>", "web page"),
        (listed([], success=False, status=500, messages=["broken"]), "status 500.*broken"),
        (listed([], status="500"), "status 500"),
        (listed([], success="false"), "success false"),
        (b'{"status": 200, "success": true}', "no list called `data`"),
        (b'{"status": 200, "success": true, "data": {}}', "no list called `data`"),
        (b"[]", "not what it should be"),
    ],
)
def test_a_no_that_comes_with_200_is_refused(
    acled: InventedAcled, source: AcledSource, body: bytes, says: str
) -> None:
    acled.meddle = lambda request: Reply(body) if request.path == READ else None
    payloads, error = fetched(source, SINCE, NOW)
    assert payloads == []
    assert isinstance(error, SourceRefused)
    assert re.search(says, str(error))


def test_a_refusal_in_the_body_is_denied_and_tells_no_secret(
    acled: InventedAcled, source: AcledSource
) -> None:
    body = listed([], status=403, success=False, messages=[f"{USERNAME} has no consent"])
    acled.meddle = lambda request: Reply(body) if request.path == READ else None
    _, error = fetched(source, SINCE, NOW)
    assert isinstance(error, SourceDenied)
    assert "has no consent" in str(error)
    assert USERNAME not in str(error)


def test_an_answer_that_broke_off_is_tried_again(acled: InventedAcled, source: AcledSource) -> None:
    whole = listed([invented(1)])
    acled.meddle = lambda request: Reply(whole[:-30]) if request.path == READ else None
    payloads, error = fetched(source, SINCE, NOW)
    assert payloads == []
    assert isinstance(error, SourceUnreachable)


def test_too_many_requests_are_waited_out(
    acled: InventedAcled, source: AcledSource, provider: Provider
) -> None:
    told: list[int] = []

    def is_busy(request: Request) -> Reply | None:
        if request.path == READ and not told:
            told.append(1)
            return Reply(b"", 429, {"Retry-After": "2"})
        return None

    acled.meddle = is_busy
    payloads, error = fetched(source, SINCE, NOW)
    assert error is None
    assert ids(payloads) == ALL


def test_a_long_wait_that_is_asked_for_leaves_the_cursor(
    acled: InventedAcled, source: AcledSource
) -> None:
    acled.meddle = lambda request: (
        Reply(b"", 429, {"Retry-After": "3600"}) if request.path == READ else None
    )
    payloads, error = fetched(source, SINCE, NOW)
    assert payloads == []
    assert isinstance(error, SourceUnreachable)


RECENCY = {"date_recency": {"quantity": 12, "unit": "Months", "date": "2024-11-20"}}


def test_an_embargoed_account_is_no_peace(acled: InventedAcled, source: AcledSource) -> None:
    acled.events.clear()
    acled.restrictions = RECENCY
    for since in (None, SINCE):
        payloads, error = fetched(source, since, NOW)
        assert payloads == []
        assert isinstance(error, SourceEmbargoed)
        assert "keeps events after 2024-11-20 from this account" in str(error)


def test_what_an_embargoed_account_may_read_is_read_and_then_said_to_end(
    acled: InventedAcled, source: AcledSource
) -> None:
    acled.events = [invented(n, event_date=f"2024-11-0{n}") for n in range(1, 6)]
    acled.restrictions = RECENCY
    payloads, error = fetched(source, None, NOW)
    assert len(ids(payloads)) == 5
    assert payloads[-1].last_day == date(2024, 11, 5)
    assert isinstance(error, SourceEmbargoed)


@pytest.mark.parametrize(
    "restrictions",
    [
        {},
        None,
        [],
        {"date_recency": None},
        {"date_recency": []},
        {"date_recency": {"date": None, "quantity": None, "unit": None}},
        {"date_recency": {"quantity": 1, "unit": "Weeks", "date": "2025-11-13"}},
    ],
)
def test_an_account_that_may_read_the_newest_weeks_is_not_embargoed(
    acled: InventedAcled, source: AcledSource, restrictions: object
) -> None:
    acled.restrictions = restrictions
    assert fetched(source, SINCE, NOW)[1] is None


@pytest.mark.parametrize("recency", ["P1Y", {"quantity": 12, "unit": "Months"}, {"date": "soon"}])
def test_an_embargo_whose_day_cannot_be_read_is_one(
    acled: InventedAcled, source: AcledSource, recency: object
) -> None:
    acled.restrictions = {"date_recency": recency}
    _, error = fetched(source, SINCE, NOW)
    assert isinstance(error, SourceEmbargoed)
    assert "keeps events from this account" in str(error)


def test_days_are_not_claimed_where_more_is_restricted(
    acled: InventedAcled, source: AcledSource
) -> None:
    acled.restrictions = {"country": ["Togo"]}
    payloads, error = fetched(source, SINCE, NOW)
    assert error is None
    assert {payload.last_day for payload in payloads} == {None}


def test_nothing_new_is_no_payload(acled: InventedAcled, source: AcledSource) -> None:
    acled.events.clear()
    assert fetched(source, SINCE, NOW) == ([], None)


def test_two_years_without_an_event_are_refused(acled: InventedAcled, source: AcledSource) -> None:
    acled.events.clear()
    payloads, error = fetched(source, None, NOW)
    assert payloads == []
    assert isinstance(error, SourceRefused)
    assert "lists no event at all since 2023-11-21" in str(error)


def test_deletions_come_first_and_leave_the_cursor(
    acled: InventedAcled, source: AcledSource
) -> None:
    acled.deletions = [
        {"event_id_cnty": f"TGO{n}", "deleted_timestamp": stamp("2025-11-19")} for n in range(3)
    ]
    payloads, error = fetched(source, SINCE, NOW)
    assert error is None
    assert [payload.name.split()[0] for payload in payloads][:3] == [
        "deletions",
        "deletions",
        "events",
    ]
    assert {payload.published_at for payload in payloads[:2]} == {SINCE}
    assert ids(payloads[:2]) == ["TGO0", "TGO1", "TGO2"]


def test_deletions_that_fail_stop_the_events_so_that_none_is_passed_over(
    acled: InventedAcled, source: AcledSource
) -> None:
    acled.meddle = lambda request: Reply(b"", 500) if "deleted" in request.path else None
    assert fetched(source, SINCE, NOW)[0] == []


def test_the_first_reading_needs_no_deletions(acled: InventedAcled, source: AcledSource) -> None:
    fetched(source, None, NOW)
    assert "/api/deleted/read" not in acled.provider.asked


def test_a_stamp_of_the_future_does_not_carry_the_cursor_away(
    acled: InventedAcled, source: AcledSource
) -> None:
    acled.events.append(invented(8, timestamp=stamp("2099-01-01"), event_date="2099-01-01"))
    payloads, _ = fetched(source, SINCE, NOW)
    assert payloads[-1].published_at == datetime(2025, 11, 18, 0, 0, 6, tzinfo=UTC)
    assert payloads[-1].last_day == date(2025, 11, 7)


def test_no_secret_is_in_an_address(acled: InventedAcled, source: AcledSource) -> None:
    fetched(source, SINCE, NOW)
    for request in acled.provider.requests:
        asked = f"{request.path} {dict(request.query)}"
        assert PASSWORD not in asked
        assert "token-" not in asked


def test_what_a_payload_keeps_names_nobody_whatever_was_sent(
    acled: InventedAcled, source: AcledSource
) -> None:
    told = {
        "actor1": "Invented Actor",
        "notes": "An invented person spoke",
        "media": {"name": "An invented person"},
        "tags": ["An invented person"],
    }
    acled.events.append(invented(8, **told))
    acled.meddle = lambda request: (
        Reply(listed([*acled.events, "An invented person"])) if request.path == READ else None
    )
    payloads, _ = fetched(source, SINCE, NOW)
    body = b"".join(payload.body for payload in payloads)
    assert b"TGO8" in body
    assert b"nvented" not in body
    batches = [batch for payload in payloads for batch in source.parse(payload, load_gazetteer())]
    assert {"actor1", "notes"} <= set(batches[0].fields), "a new field is still seen"
    assert any("TGO8" in set(batch.events["source_event_id"]) for batch in batches)
