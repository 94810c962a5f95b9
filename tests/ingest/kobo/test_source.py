"""Tests of reading a whole KoboToolbox form, page by page, and reducing it."""

import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from ewarn.domain.source import Payload, Span
from ewarn.errors import SourceDenied, SourceRefused
from ewarn.protect.conditions import Conditions
from ingest.kobo import source as kobo
from ingest.kobo.form import read_form
from ingest.kobo.source import KoboSource
from ingest.shared.web import Web
from tests.ingest.kobo.provider import ASSET, CONDITIONS, KoboServer, source_at, submission
from tests.provider import Provider, Reply, Request

NOW = datetime(2024, 2, 8, tzinfo=UTC)


def fetched(source: KoboSource) -> Payload:
    (payload,) = source.fetch(None, NOW)
    return payload


def ids(payload: Payload) -> list[int]:
    return [item["_id"] for item in json.loads(payload.body)["results"]]


def test_the_form_comes_whole_protected_and_as_one_payload(provider: Provider, web: Web) -> None:
    provider.otherwise = KoboServer([submission(2), submission(1)])
    payload = fetched(source_at(provider, web))
    assert payload.protected
    assert payload.name == f"kobo-{ASSET}.json"
    assert payload.whole == (Span("*", date(1900, 1, 1), date(2100, 12, 31), NOW),)
    assert payload.published_at is None
    assert ids(payload) == [1, 2]
    (request,) = provider.requests
    assert request.query["sort"] == '{"_id":1}'
    assert (request.query["limit"], request.query["start"]) == ("1000", "0")
    assert "_submitted_by" not in json.loads(request.query["fields"])
    assert "_geolocation" not in json.loads(request.query["fields"])


def test_pages_are_followed_to_the_end_and_to_no_other_host(provider: Provider, web: Web) -> None:
    provider.otherwise = KoboServer([submission(number) for number in range(1, 8)], most=3)
    assert ids(fetched(source_at(provider, web))) == list(range(1, 8))
    asked = [json.loads(request.query["query"]) for request in provider.requests]
    assert asked == [{"_id": {"$gt": last}} for last in (0, 3, 6)]


@pytest.mark.parametrize("obeys_fields", [True, False])
def test_nothing_that_was_not_asked_for_is_kept(
    provider: Provider, web: Web, obeys_fields: bool
) -> None:
    told = submission(1, notes="an invented account", photo="invented.jpg")
    provider.otherwise = KoboServer([told], obeys_fields=obeys_fields)
    (kept,) = json.loads(fetched(source_at(provider, web)).body)["results"]
    assert set(kept) == {
        "_id",
        "_submission_time",
        "_validation_status",
        "kind",
        "day",
        "country",
        "admin1",
    }
    assert set(kept["_validation_status"]) == {"uid", "timestamp"}


def test_an_unchanged_form_gives_the_same_bytes(provider: Provider, web: Web) -> None:
    provider.otherwise = KoboServer([submission(1), submission(2)])
    source = source_at(provider, web)
    assert fetched(source).body == fetched(source).body


def test_what_comes_and_goes_between_two_pages_hides_no_other(provider: Provider, web: Web) -> None:
    server = KoboServer([submission(number) for number in range(1, 5)], most=2)

    def answer(request: Request) -> Reply:
        reply = server(request)
        server.submissions = [submission(number) for number in (2, 3, 4, 9)]
        return reply

    provider.otherwise = answer
    assert ids(fetched(source_at(provider, web))) == [1, 2, 3, 4, 9]


@pytest.mark.parametrize("numbers", [(2, 1), (1, 1), (1, None), (1, "2"), (-1, 2)])
def test_a_server_that_keeps_no_order_is_refused(
    provider: Provider, web: Web, numbers: tuple[int, object]
) -> None:
    page = [submission(1, _id=number) for number in numbers]
    provider.otherwise = lambda _: Reply(json.dumps({"count": 9, "results": page}).encode())
    with pytest.raises(SourceRefused, match="in the order of _id"):
        fetched(source_at(provider, web))


@pytest.mark.parametrize(
    "body",
    [
        b"[]",
        b'{"count": 1}',
        b'{"count": "1", "results": []}',
        b'{"count": 1, "results": ["planted"]}',
        b"<html>planted</html>",
        b"\xff",
        b"[" * 100_000,
    ],
)
def test_an_answer_that_is_no_list_is_refused_without_quoting_it(
    provider: Provider, web: Web, body: bytes
) -> None:
    provider.otherwise = lambda _: Reply(body)
    with pytest.raises(SourceRefused, match="EWARN_KOBO_URL") as caught:
        fetched(source_at(provider, web))
    assert "planted" not in str(caught.value)


def test_a_form_without_end_is_refused(
    provider: Provider, web: Web, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kobo, "MOST_SUBMISSIONS", 2)
    provider.otherwise = KoboServer([submission(number) for number in (1, 2, 3)])
    with pytest.raises(SourceRefused, match="more than 2 submissions"):
        fetched(source_at(provider, web))


def test_a_wrong_token_is_denied_and_a_wrong_form_is_not_there(
    provider: Provider, web: Web
) -> None:
    provider.otherwise = KoboServer()
    with pytest.raises(SourceDenied) as denied:
        fetched(source_at(provider, web, token="wrong-token"))
    assert "wrong-token" not in str(denied.value)
    with pytest.raises(SourceRefused, match="does not exist"):
        fetched(source_at(provider, web, asset="another"))


def test_an_asset_cannot_lead_out_of_its_place(provider: Provider, web: Web) -> None:
    provider.otherwise = KoboServer()
    with pytest.raises(SourceRefused):
        fetched(source_at(provider, web, asset="../../me"))
    assert provider.asked == ["/api/v2/assets/..%2F..%2Fme/data/"]


def test_what_is_missing_is_named_exactly() -> None:
    none = KoboSource().obstacle
    assert none is not None
    for name in (
        "EWARN_PROTECTION_KEY",
        "EWARN_PROTECTION_RETENTION_DAYS",
        "EWARN_DATA_CONTROLLER",
        "EWARN_KOBO_TOKEN",
        "EWARN_KOBO_ASSET",
    ):
        assert name in none
    bare = replace(CONDITIONS, sealer=None)
    assert KoboSource(token="t", asset="a", protection=bare).obstacle == (
        "field reports are read only once these are set: EWARN_PROTECTION_KEY"
    )
    assert KoboSource(token="t", asset="a", protection=CONDITIONS).obstacle is None


def test_reports_are_not_asked_for_in_clear() -> None:
    source = KoboSource(
        token="t", asset="a", protection=CONDITIONS, url="http://kobo.office.example"
    )
    assert source.obstacle is not None
    assert "https://" in source.obstacle


def test_its_terms_name_who_answers_and_pass_nothing_on() -> None:
    terms = KoboSource(protection=CONDITIONS).terms
    assert "data@office.example" in terms.attribution
    assert not terms.redistribute
    assert not terms.train
    assert "not named" in KoboSource(protection=Conditions()).terms.attribution


def test_raw_reports_are_kept_as_long_as_the_operator_says() -> None:
    assert KoboSource(protection=CONDITIONS).retention == timedelta(days=30)
    assert KoboSource().retention == timedelta(0)


FORM = """
fields: {kind: incident/what, day: incident/day, admin1: place/region, injured: harm/injured}
kinds: {arrestation: arrest}
country: TGO
"""


def with_form(tmp_path: Path, text: str) -> KoboSource:
    path = tmp_path / "form.yaml"
    path.write_text(text, encoding="utf-8")
    return KoboSource(token="t", asset="a", protection=CONDITIONS, form=path)


def test_a_form_is_described_in_its_own_words(provider: Provider, web: Web, tmp_path: Path) -> None:
    path = tmp_path / "form.yaml"
    path.write_text(FORM, encoding="utf-8")
    answers = {
        "incident/what": "arrestation",
        "incident/day": "2024-02-05",
        "place/region": "Kara",
        "harm/injured": "3",
    }
    provider.otherwise = KoboServer([submission(1, **answers)])
    (kept,) = json.loads(fetched(source_at(provider, web, form=path)).body)["results"]
    assert {name: kept[name] for name in answers} == answers
    assert "kind" not in kept


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("a: [", "line 1: this is not YAML"),
        ("[]", "line 1: a mapping of names to values is expected here"),
        (
            "colour: red",
            "line 1: 'colour' is not a field here; the fields are fields, kinds, country",
        ),
        ("fields: 3", "line 1: a mapping of names to values is expected here"),
        (FORM.replace("kind:", "sort:"), "line 2: 'sort' is not a field here"),
        ("fields: {kind: a}\ncountry: TGO", "line 1: the field 'day' is missing"),
        ("fields: {kind: a, day: b}", "line 1: name a 'country', or the question"),
        (FORM.replace("place/region", "_submitted_by"), "'_submitted_by', which is not a question"),
        (FORM.replace("place/region", "[a]"), "line 2: 'admin1' must be a text"),
        (FORM.replace("country: TGO", "country: [TGO]"), "line 4: 'country' must be a text"),
        (
            FORM.replace(": arrest}", ": picnic}"),
            "'picnic' is not a kind of event; use one of protest, riot",
        ),
        (FORM.replace(": arrest}", ": [arrest]}"), "line 3: 'arrestation' must be a text"),
        (FORM + "country: BEN\n", "line 5: 'country' is given twice, first on line 4: keep one"),
        (
            FORM.replace("arrest}", "arrest, arrestation: force}"),
            "line 3: 'arrestation' is given twice",
        ),
    ],
)
def test_a_wrong_description_is_one_clear_sentence(
    tmp_path: Path, text: str, sentence: str
) -> None:
    obstacle = with_form(tmp_path, text).obstacle
    assert obstacle is not None
    assert sentence in obstacle
    assert "form.yaml" in obstacle


def test_choices_are_read_as_they_are_written(tmp_path: Path) -> None:
    path = tmp_path / "form.yaml"
    choices = "01: protest, 02: arrest, 8: protest, 010: force, no: arrest, NO: riot, 18:30: attack"
    path.write_text(FORM.replace("arrestation: arrest", choices).replace("TGO", "NO"))
    form = read_form(path)
    found = {choice: str(kind) for choice, kind in form.kinds.items() if choice != str(kind)}
    assert found == dict(item.rsplit(": ", 1) for item in choices.split(", "))
    assert form.country == "NO"


def test_a_description_that_is_not_there_is_named_and_may_still_come(tmp_path: Path) -> None:
    source = with_form(tmp_path, FORM)
    (tmp_path / "form.yaml").unlink()
    assert source.obstacle is not None
    assert "not a readable text file" in source.obstacle
    (tmp_path / "form.yaml").write_text(FORM)
    assert source.obstacle is None
