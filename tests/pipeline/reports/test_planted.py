"""Property: no word, number or position of a report is found but where an officer reads it.

Invented names, telephone numbers and positions are planted in every field, in valid and in invalid
reports. The whole line runs: sending, refusing, verifying, scoring, alerting, notifying, reading by
all kinds of keys, forgetting. Then they are searched in all that was answered, sent and logged, and
in the database.
"""

import logging
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import structlog
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from api.app import create_app
from ewarn.domain.key import SCOPES
from ewarn.domain.recipient import Pace, Recipient
from ewarn.domain.region import Level, Office
from ewarn.domain.target import Target
from ewarn.pipeline.delivery.deliver import deliver
from ewarn.pipeline.scoring.score import score
from ewarn.pipeline.service import Service
from ewarn.protect.sealing import AesSealer
from ewarn.run.schedule import jobs_of
from ewarn.store.database.engine import Store
from ewarn.store.tables.every_table import METADATA
from ingest.reports.source import ReportsSource
from models.detectors.detector import Detector
from tests.api.client import Client
from tests.api.test_scope import PATHS
from tests.api.world import LICENCE, OFFICE, Clock, World
from tests.ingest.kobo.provider import CONDITIONS
from tests.pipeline.invented import Postbox
from tests.pipeline.test_readers import BOUND, bring
from tests.pipeline.weeks import alert
from tests.scores import moment, origin

HOUR = timedelta(hours=1)
KIND = {"kind": "force", "region": "TGO", "fatalities": 1}
COUNT = 731_946  # of people, in a report on which nobody decides
CHANNELS = ("log", "webhook", "email")
TABLES = ("/v1/events", "/v1/scores", "/v1/scores/history", "/v1/alerts", "/v1/regions/TGO/reports")

# No text of the service holds these letters side by side, nor so many digits without a hash around.
_names = st.text("QXZVWKJ", min_size=9, max_size=14)
_digits = st.text("123456789", min_size=9, max_size=9)
_numbers = _digits.map(lambda d: f"+228 {d[:2]} {d[2:4]} {d[4:6]} {d[6:]}")
_positions = _digits.map(lambda d: f"6.{d[:6]}, 1.{d[3:]}")
words = st.tuples(_names, _numbers, _positions, _digits).map(list)


class Planted:
    """A service that receives planted reports, and everything that it said."""

    def __init__(self, service: Service, store: Store) -> None:
        offices = Office(OFFICE, "Dakar", "fr", ("*",), tuple(_recipients()))
        self.postbox = Postbox()
        self.service = replace(
            service,
            store=store,
            sources={"reports": ReportsSource(office=OFFICE, protection=CONDITIONS)},
            sealer=CONDITIONS.sealer,
            controller=CONDITIONS.controller,
            models=lambda name, _: (
                Detector(Target.FORCE, Level.COUNTRY, source=name, pooled=False),
            ),
            rulebook=replace(service.rulebook, rules=(BOUND,), offices=(offices,)),
            notifiers=dict.fromkeys(CHANNELS, self.postbox),
        )
        terms = {"reports": self.service.sources["reports"].terms}
        self.clock = Clock(moment(0))
        self.world = World(store, clock=self.clock, terms=terms)
        state = self.world.state(service=self.service, rulebooks=lambda: self.service.rulebook)
        self.app = create_app(state)
        self.said: list[str] = []

    def client(self, *scopes: str, licences: tuple[str, ...] = ()) -> Client:
        """Return a client with a key of its own."""
        key = self.world.key("TGO", scopes=scopes, licences=licences)
        return Client(self.app, {"X-API-Key": key})

    def ask(self, client: Client, method: str, path: str, **sent: Any) -> Any:
        """Send a request, and note what is answered."""
        answer = client.send(method, path, **sent)
        self.said.append(f"{answer.headers} {answer.text}")
        return answer

    def receive(self, planted: list[list[str]]) -> None:
        """Send a report with each list of words, and the same words in wrong places."""
        phone = self.client("reports:write")
        week = origin(-1).isoformat()
        for number, parts in enumerate(planted):
            body = {**KIND, "week": week, "text": "; ".join(parts)}
            headers = {"Idempotency-Key": f"an-invented-attempt-{number}"}
            answer = self.ask(phone, "POST", "/v1/reports", headers=headers, json=body)
            assert answer.status_code == 201, answer.text
            again = {**body, "text": parts[0]}
            self.ask(phone, "POST", "/v1/reports", headers=headers, json=again)
            receipt = {"X-Ewarn-Receipt": answer.json()["receipt"]}
            self.ask(phone, "GET", "/v1/reports/receipt", headers=receipt)
            for wrong in _wrong(body, parts) if number < 2 else ():
                refused = self.ask(phone, "POST", "/v1/reports", headers=headers, **wrong)
                assert refused.status_code in (404, 422), refused.text
            self.ask(phone, "GET", "/v1/reports/receipt", headers={"X-Ewarn-Receipt": parts[0]})
        body = {**KIND, "week": week, "participants": COUNT}
        headers = {"Idempotency-Key": "an-invented-attempt"}
        assert self.ask(phone, "POST", "/v1/reports", headers=headers, json=body).is_success

    def verify(self, planted: list[list[str]]) -> None:
        """Let an officer read, count and erase them. The text is there, and only there."""
        office = self.client("reports:verify", licences=(LICENCE,))
        texts = []
        waiting = office.items("/v1/reports")
        for number, item in enumerate(each for each in waiting if each["participants"] != COUNT):
            path = f"/v1/reports/{item['id']}"
            texts.append(office.get(path).json()["text"])
            refused = {"reason": planted[0][0]}
            self.ask(office, "POST", f"{path}/verify", json=refused)
            if number % 4:
                self.ask(office, "POST", f"{path}/verify", json={"reason": "own staff saw it too"})
            else:
                self.ask(office, "POST", f"{path}/reject", json={"reason": "it is wrong"})
            if number % 5 == 0:
                self.ask(office, "POST", f"{path}/erase", json={"reason": "it endangers a person"})
        assert sorted(texts) == sorted("; ".join(parts) for parts in planted)

    def notify(self) -> None:
        """Score, alert and deliver in all channels."""
        self.clock.now += HOUR
        score(self.service, "reports", self.clock.now)
        decided = alert(self.service, self.clock.now)
        assert {message.channel for message in decided.messages} == set(CHANNELS)
        deliver(self.service, self.clock)
        self.said += map(repr, [*decided.messages, *self.postbox.sent])

    def read(self) -> None:
        """Read everything with the keys of a stranger, of an administrator and of the office."""
        reading = tuple(scope for scope in SCOPES if scope.endswith(":read"))
        for client in (
            self.client(*reading),
            self.client("admin"),
            self.client(*reading, licences=(LICENCE,)),
        ):
            for path in (*PATHS, *(f"{path}?format=csv" for path in TABLES)):
                self.ask(client, "GET", path)

    def rows(self) -> Iterator[str]:
        """Yield every row of every table."""
        with self.service.store.read() as connection:
            for table in METADATA.sorted_tables:
                yield from (repr(tuple(row)) for row in connection.execute(select(table)))


def _recipients() -> Iterator[Recipient]:
    for channel in CHANNELS:
        yield Recipient(channel, OFFICE, channel, channel, "fr", licences=(LICENCE,), pace=Pace())


def _wrong(body: dict[str, Any], parts: list[str]) -> Iterator[dict[str, Any]]:
    """Yield reports with words in the places of other things."""
    name, number, position, digits = parts
    for field in ("kind", "region", "week", "arrests"):
        for part in parts:
            yield {"json": body | {field: part}}
    yield {"json": body | {"arrests": int(digits)}}
    yield {"json": body | {name: number}}
    yield {"json": body | {"text": [name]}}
    yield {"json": [position, number]}
    yield {"content": f'{{"{name}": 1, "{name}": 2}}'.encode()}
    yield {"content": f"{name} {number}".encode()}


def run_line(service: Service, store: Store, planted: list[list[str]], caplog: Any) -> None:
    """Run the whole line and search for every planted part."""
    caplog.clear()
    with caplog.at_level(logging.DEBUG), structlog.testing.capture_logs() as logs:
        line = Planted(service, store)
        bring(line.service, "reports")
        line.receive(planted)
        line.said += line.rows()  # while all reports are there
        line.verify(planted)
        line.notify()
        line.read()
        later = moment(0) + timedelta(days=CONDITIONS.retention_days or 0) + HOUR
        jobs_of(line.service)["forget"].run(line.service, later, later)
    said = "\n".join([*line.said, repr(logs), caplog.text, *line.rows()])
    on_disk = b""
    if store.is_sqlite:
        path = Path(str(store.url.database))
        on_disk = b"".join(file.read_bytes() for file in path.parent.glob(f"{path.name}*"))
        assert b"field_report" in on_disk
    assert "reports:force" in said  # the counts were passed on to the office
    for part in (part for parts in planted for part in parts):
        assert part not in said, part
        assert part.encode() not in on_disk, part
    assert not re.search(rf"\b{COUNT}\b", said)


SOME = [
    [f"QXZVWKJQX{n}", f"+228 9{n} 11 22 333", f"6.13194{n}, 1.22281{n}", f"9711{n}9711"]
    for n in range(1, 6)
]


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)  # its stores are copies of one
@settings(
    max_examples=2,
    phases=[Phase.generate],  # each example takes seconds, so a failure is not made smaller
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(planted=st.lists(words, min_size=5, max_size=5))
def test_nothing_of_a_report_is_found_anywhere(
    sqlite_template: Path,
    tmp_path_factory: pytest.TempPathFactory,
    service: Service,
    caplog: pytest.LogCaptureFixture,
    planted: list[list[str]],
) -> None:
    path = tmp_path_factory.mktemp("planted") / "planted.db"
    path.write_bytes(sqlite_template.read_bytes())
    store = Store(f"sqlite:///{path}")
    try:
        run_line(service, store, planted, caplog)
    finally:
        store.dispose()


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_nothing_of_a_report_is_found_in_postgresql(
    service: Service, store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    run_line(service, store, SOME, caplog)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_the_search_finds_what_is_not_sealed(
    service: Service,
    store: Store,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(AesSealer, "seal", lambda _self, content, _about: content)
    monkeypatch.setattr(AesSealer, "open", lambda _self, content, _about: content)
    with pytest.raises(AssertionError, match="QXZVWKJQX1"):
        run_line(service, store, SOME, caplog)
