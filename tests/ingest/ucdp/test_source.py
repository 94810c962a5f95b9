"""Tests of UCDP over HTTP: which vintages are requested, pages, and unexpected answers."""

import gzip
import logging
from collections.abc import Callable
from datetime import UTC, date, datetime

import pytest

from ewarn.domain.source import Coverage, Payload, Span
from ewarn.errors import SourceDenied, SourceRefused, SourceUnreachable
from ewarn.places.gazetteer import load_gazetteer
from ingest.shared.web import Web
from ingest.ucdp import source as ucdp
from ingest.ucdp.source import UcdpSource, Vintage, vintages
from tests.ingest.ucdp.provider import TOKEN, InventedUcdp, csv_of, ged, page_of
from tests.provider import Provider, Reply, Request

NOW = datetime(2026, 9, 21, tzinfo=UTC)


def moment(month: int, day: int, year: int = 2026) -> datetime:
    return datetime(year, month, day, tzinfo=UTC)


def versions(since: datetime, now: datetime) -> list[str]:
    return [vintage.version for vintage in vintages(since, now)]


@pytest.mark.parametrize(
    ("vintage", "version", "file", "known", "first", "last"),
    [
        (Vintage(2026), "26.1", "ged/ged261-csv.zip", (7, 1), (1989, 1, 1), (2025, 12, 31)),
        (
            Vintage(2026, 8),
            "26.0.8",
            "candidateged/GEDEvent_v26_0_8.csv",
            (9, 20),
            (2026, 8, 1),
            (2026, 8, 31),
        ),
        (
            Vintage(2025, 12),
            "25.0.12",
            "candidateged/GEDEvent_v25_0_12.csv",
            (1, 20),
            (2025, 12, 1),
            (2025, 12, 31),
        ),
    ],
)
def test_a_vintage_has_a_version_a_file_days_and_a_day_it_was_known(
    vintage: Vintage,
    version: str,
    file: str,
    known: tuple[int, int],
    first: tuple[int, int, int],
    last: tuple[int, int, int],
) -> None:
    assert (vintage.version, vintage.file) == (version, file)
    assert vintage.known_at == moment(*known)
    assert (vintage.first_day, vintage.last_day) == (date(*first), date(*last))


def test_vintages_come_in_the_order_in_which_they_became_known() -> None:
    assert versions(moment(4, 20), moment(8, 20)) == [
        "26.0.4",
        "26.0.5",
        "26.1",
        "26.0.6",
        "26.0.7",
    ]
    assert versions(moment(1, 1), moment(1, 20)) == ["25.0.12"]
    assert versions(moment(8, 20), moment(9, 19)) == []


Publish = Callable[..., None]


@pytest.fixture
def published(provider: Provider) -> Publish:
    """Publishes vintages both as pages of the API and as files."""
    return InventedUcdp(provider).publish


def source(provider: Provider, web: Web, token: str = "") -> UcdpSource:
    return UcdpSource(
        web, token=token, url=f"{provider.url}/api", files_url=f"{provider.url}/files"
    )


def publish_all(published: Publish) -> None:
    """All there is on 21 September 2026."""
    for month in range(1, 9):
        published(f"26.0.{month}", ged(month, f"2026-{month:02}-14"))
    published("26.1", *(ged(100 + n, "2025-06-01") for n in range(5)))


ALL = ["26.0.1", "26.0.2", "26.0.3", "26.0.4", "26.0.5", "26.1", "26.0.6", "26.0.7", "26.0.8"]


@pytest.mark.parametrize("token", ["", TOKEN])
def test_at_first_the_yearly_release_and_the_candidates_after_it_are_read(
    provider: Provider, web: Web, published: Publish, token: str
) -> None:
    publish_all(published)
    found = list(source(provider, web, token).fetch(None, NOW))
    assert [payload.name.removeprefix("gedevents-")[:6].rstrip(".jzc") for payload in found] == ALL
    marks = [payload.published_at for payload in found]
    assert marks == [vintage.known_at for vintage in vintages(moment(2, 1), NOW)]
    # One request for each file; of the API one for each page.
    assert len(provider.asked) == (9 if not token else 8 + 3)


@pytest.mark.parametrize("token", ["", TOKEN])
def test_later_only_what_is_new_is_asked_for(
    provider: Provider, web: Web, published: Publish, token: str
) -> None:
    publish_all(published)
    client = source(provider, web, token)
    assert list(client.fetch(moment(9, 20), NOW)) == []
    assert provider.asked == []
    (payload,) = client.fetch(moment(8, 20), NOW)
    assert payload.whole == (Span("*", date(2026, 8, 1), date(2026, 8, 31), moment(9, 20)),)
    assert len(provider.asked) == 1


def test_pages_are_kept_as_they_came_one_a_line(
    provider: Provider, web: Web, published: Publish
) -> None:
    events = [ged(n) for n in range(1, 6)]
    published("26.0.8", *events)
    (payload,) = source(provider, web, TOKEN).fetch(moment(8, 20), NOW)
    lines = gzip.decompress(payload.body).splitlines()
    assert lines == [page_of(events, page, 2).replace(b"\n", b" ") for page in range(3)]
    assert [request.query for request in provider.requests] == [
        {"pagesize": "1000", "page": str(page)} for page in range(3)
    ]


def test_of_the_yearly_release_only_the_years_wanted_are_asked_for(
    provider: Provider, web: Web, published: Publish
) -> None:
    published("26.1", ged(1, "2025-01-01"))
    client = UcdpSource(web, token=TOKEN, since=2020, url=f"{provider.url}/api")
    (payload,) = client.fetch(moment(6, 30), moment(7, 1))
    assert provider.requests[0].query["StartDate"] == "2020-01-01"
    assert payload.whole[0].first_day == date(2020, 1, 1)


def test_file_and_api_give_the_same_events(
    provider: Provider, web: Web, published: Publish
) -> None:
    published("26.1", *(ged(n, "2025-06-01") for n in range(1, 6)))
    places = load_gazetteer()
    frames = []
    for token in ("", TOKEN):
        client = source(provider, web, token)
        (payload,) = client.fetch(moment(6, 30), moment(7, 1))
        (batch,) = client.parse(payload, places)
        frames.append(batch.events.drop(columns="line"))
    assert frames[0].equals(frames[1])
    assert len(frames[0]) == 5


def test_a_vintage_that_is_late_is_waited_for_and_those_after_it_with_it(
    provider: Provider, web: Web, published: Publish
) -> None:
    published("26.0.8", ged(8))
    assert list(source(provider, web).fetch(moment(7, 20), NOW)) == []
    assert provider.asked == ["/files/candidateged/GEDEvent_v26_0_7.csv"]
    assert list(source(provider, web, TOKEN).fetch(moment(7, 20), NOW)) == []


def test_a_vintage_that_never_came_is_passed_over_aloud(
    provider: Provider, web: Web, published: Publish, caplog: pytest.LogCaptureFixture
) -> None:
    published("26.0.7", ged(7))
    published("26.0.8", ged(8))
    with caplog.at_level(logging.WARNING):
        found = list(source(provider, web).fetch(moment(7, 1), NOW))
    assert len(found) == 2
    assert "ucdp has published no version 26.0.6" in caplog.text


def test_a_provider_that_moved_is_refused_with_what_was_looked_for(
    provider: Provider, web: Web
) -> None:
    with pytest.raises(SourceRefused, match=r"has no version 26\.0\.1, .*, 26\.1.* have moved"):
        list(source(provider, web).fetch(None, NOW))


def test_before_a_yearly_release_is_surely_out_the_one_before_is_the_first(
    provider: Provider, web: Web, published: Publish
) -> None:
    published("25.1", ged(1, "2024-06-01"))
    for month in range(1, 13):
        published(f"25.0.{month}", ged(month, f"2025-{month:02}-01"))
    for month in range(1, 6):
        published(f"26.0.{month}", ged(20 + month, f"2026-{month:02}-01"))
    found = list(source(provider, web).fetch(None, moment(7, 5)))
    assert len(found) == 1 + 12 + 5
    assert found[-1].name == "gedevents-26.0.5.csv"


def test_a_wrong_token_is_denied(provider: Provider, web: Web, published: Publish) -> None:
    with pytest.raises(SourceDenied):
        list(source(provider, web, "wrong").fetch(moment(8, 20), NOW))


def test_a_page_that_fails_loses_nothing_that_came_before(
    provider: Provider, web: Web, published: Publish
) -> None:
    published("26.0.7", ged(7))
    published("26.0.8", *(ged(80 + n) for n in range(5)))
    good = provider.otherwise

    def failing(request: Request) -> Reply:
        broken = request.path.endswith("26.0.8") and request.query["page"] == "2"
        return Reply(b"", 500) if broken else good(request)

    provider.otherwise = failing
    coming = iter(source(provider, web, TOKEN).fetch(moment(7, 20), NOW))
    assert next(coming).name == "gedevents-26.0.7.json.gz"
    with pytest.raises(SourceUnreachable):
        next(coming)


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b"<html>", "gave no page of events"),
        (b"{}", "gave no page of events"),
        (b'{"TotalCount": "x", "TotalPages": 1, "Result": []}', "gave no page of events"),
        (b'{"TotalCount": 1, "TotalPages": 1, "Result": null}', "gave no page of events"),
        (b'{"TotalCount": 9, "TotalPages": 9999, "Result": []}', "9999 pages: too many"),
    ],
)
def test_an_answer_that_is_no_page_is_refused(
    provider: Provider, web: Web, body: bytes, message: str
) -> None:
    provider.otherwise = lambda _: Reply(body)
    with pytest.raises(SourceRefused, match=message):
        list(source(provider, web, TOKEN).fetch(moment(8, 20), NOW))


def test_pages_that_do_not_add_up_are_tried_again_later(provider: Provider, web: Web) -> None:
    provider.otherwise = lambda _: Reply(b'{"TotalCount": 3, "TotalPages": 1, "Result": [{}]}')
    with pytest.raises(SourceUnreachable, match="gave 1 of 3 events"):
        list(source(provider, web, TOKEN).fetch(moment(8, 20), NOW))


def test_a_page_where_a_file_was_is_refused(provider: Provider, web: Web) -> None:
    provider.otherwise = lambda _: Reply(b"<!DOCTYPE html><html>We have moved</html>")
    with pytest.raises(SourceRefused, match="is a web page where a file was"):
        list(source(provider, web).fetch(moment(8, 20), NOW))


@pytest.mark.parametrize(
    ("vintage", "first", "last"),
    [
        (Vintage(2026, 8), date(2026, 7, 27), date(2026, 8, 24)),
        (Vintage(2026, 9), date(2026, 8, 31), date(2026, 9, 21)),
        (Vintage(2026), date(2015, 1, 5), date(2025, 12, 22)),
    ],
)
def test_a_vintage_speaks_for_the_weeks_that_ended_in_it(
    vintage: Vintage, first: date, last: date
) -> None:
    payload = Payload(
        "ucdp",
        "x",
        csv_of(ged(1, str(vintage.last_day))),
        NOW,
        first_day=max(vintage.first_day, date(2015, 1, 1)),
        last_day=vintage.last_day,
        published_at=vintage.known_at,
    )
    (batch,) = UcdpSource().parse(payload, load_gazetteer())
    assert batch.coverage == (Coverage("ucdp", "*", first, last),)


def test_patience_and_the_bound_on_pages_are_sane() -> None:
    assert ucdp.PATIENCE.days > 30
    assert ucdp.MOST_PAGES < 5_000  # what the provider allows in a day
