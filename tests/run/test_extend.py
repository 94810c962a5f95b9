"""Tests that the code of each chapter of docs/extend.md works as an installed package."""

import json
import os
import subprocess
import sys
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from babel.messages import Catalog
from babel.messages.pofile import write_po

from ewarn.domain.alert import ChangeKind
from ewarn.domain.source import Coverage, Payload
from ewarn.domain.time import WEEK, midnight
from ewarn.frames.events import ParsedBatch
from ewarn.languages import catalogues
from ewarn.pipeline.alerts.alert import alert
from ewarn.pipeline.delivery.deliver import deliver
from ewarn.pipeline.intake.intake import store_batches
from ewarn.pipeline.scoring.score import score
from ewarn.pipeline.service import Service
from ewarn.ports import Model, Source
from ewarn.run import settings
from ewarn.run.wiring import open_service
from ingest.registry import GROUP
from models.fitting.challenge import Challenge
from models.judging.backtest.candidates import BASELINES
from models.registry import every_kind
from tests.api.client import Client
from tests.contracts.scorable import fault_of
from tests.events import frame, row
from tests.models.fitting.test_challenge import fit_of, restless_past, task
from tests.packages import install
from tests.provider import Provider, Reply, Request
from tests.run.conftest import Command
from tests.run.extending import DOCUMENT, Install, build, chapter, installed, own_tests
from tests.run.test_terms import client_of

__all__ = ["installed"]
NAME, PREFIX = "weather-of-unrest", "EWARN_WEATHER_OF_UNREST_"
ROWS = "id,day,country,what\n1,{day},Togo,march\n2,{day},Togo,picnic\n3,,Togo,march\n"


def of_the_week(request: Request) -> Reply:
    """The invented provider: a file of any week, for those who have its key."""
    if request.headers.get("x-key") != "an invented key":
        return Reply(b"who are you?", 401)
    return Reply(ROWS.format(day=request.path[1:11]).encode())


def test_the_source_of_the_chapter_is_set_up_read_and_told_of(
    ewarn: Command,
    installed: Install,
    provider: Provider,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    installed("A source")
    monkeypatch.setenv("EWARN_SOURCES", NAME)
    monkeypatch.setenv(f"{PREFIX}ULR", provider.url)
    assert f"did you mean {PREFIX}URL?" in ewarn("status").err
    monkeypatch.delenv(f"{PREFIX}ULR")
    (tmp_path / ".env").write_text(f"{PREFIX}URL={provider.url}\n")
    said = json.loads(ewarn("status", "--json").out)["sources"][NAME]
    assert said == f"disabled: it needs a key: set {PREFIX}KEY"

    (tmp_path / "secrets").mkdir()
    (tmp_path / "secrets" / f"{PREFIX}KEY".lower()).write_text("an invented key")
    monkeypatch.setenv("EWARN_SECRETS_DIR", str(tmp_path / "secrets"))
    provider.otherwise = of_the_week
    read = json.loads(ewarn("ingest", NAME, "--json").out)["sources"][NAME]
    assert (read["health"], read["accepted"], read["skipped"]) == ("ok", 1, 1)
    assert read["rejected"] == [{"line": 4, "reason": "day is empty."}]
    assert len(provider.requests) == 1
    assert json.loads(ewarn("status", "--json").out)["sources"][NAME].startswith("ok: ")


def test_the_source_of_the_chapter_keeps_the_contract_of_scores(installed: Install) -> None:
    (entry,) = installed("A source")
    source: Source = entry.load()()
    assert isinstance(source, Source)
    monday = date(2020, 1, 6)
    body = ROWS.format(day=monday).encode()
    fetched_at = midnight(monday) + timedelta(days=9)
    assert fault_of(source, Payload(NAME, "sample", body, fetched_at, monday, monday)) is None


def test_a_package_whose_options_cannot_be_loaded_is_named(
    ewarn: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    points = {GROUP: {"broken": "a_package_that_is_gone.source:Source"}}
    install(tmp_path / "site", "broken", points)
    monkeypatch.syspath_prepend(str(tmp_path / "site"))
    ran = ewarn("status")
    assert ran.code == 2
    assert "the options of the source 'broken' cannot be loaded" in ran.err


def reported(service: Service, day: date, weeks: int = 60) -> datetime:
    """Store invented weeks of GDELT on Togo up to a Monday: one act of force now and then, then
    six in the last week. The moment after the last week."""
    days = [day - number * WEEK for number in range(2, weeks, 5)] + [day - WEEK] * 6
    rows = [
        row(f"e{number}", source="gdelt", kind="force", occurred_on=each, region="TGO")
        for number, each in enumerate(days)
    ]
    covered = Coverage("gdelt", "TGO", day - weeks * WEEK, day - WEEK)
    at = midnight(day) + timedelta(hours=6)
    batch = ParsedBatch(frame(*rows), coverage=(covered,))
    store_batches(service, Payload("gdelt", "invented", b"invented", at), [batch], at)
    return at


OFFICES = "- {{id: accra, name: Accra, language: en, countries: [TGO], recipients: [{to}]}}\n"


def test_a_model_a_rule_a_channel_and_an_endpoint_of_packages_work_together(
    ewarn: Command, installed: Install, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    points = installed("A model", "A channel", "An endpoint", "A kind of rule")
    own_tests(points, tmp_path=tmp_path)
    board, folder = tmp_path / "board", tmp_path / "config"
    board.mkdir()
    folder.mkdir()
    (folder / "rules.yaml").write_text(chapter("A kind of rule")["rules.yaml"])
    (folder / "offices.yaml").write_text(OFFICES.format(to=f'"noticeboard:{board}"'))
    monkeypatch.setenv("EWARN_CONFIG_DIR", str(folder))
    monkeypatch.setenv("EWARN_DELIVER", "noticeboard")

    listed = json.loads(ewarn("models", "list", "--json").out)["models"]
    assert "busiest-week@1" in {card["model"] for card in listed}
    with open_service(settings.load()) as service:
        now = reported(service, date(2020, 1, 6))
        scored = score(service, "gdelt", now)
        assert scored.scores
        report = alert(service, now)
        deliver(service, lambda: now)
        client = client_of(service, now)
        assert client.get("/v1/tally/TGO").json() == {"country": "TGO", "standing": 1}
        assert client.get("/v1/tally/GHA").json()["standing"] == 0
        assert client.get("/v1/tally/TGO?colour=red").status_code == 422
        assert Client(client.app).get("/v1/tally/TGO").status_code == 401
        assert "/v1/tally/{id}" in client.get("/openapi.json").json()["paths"]
        cards = {card["model"]: card for card in client.items("/v1/models")}
        assert cards["busiest-week@1"]["weaknesses"]
        (stands,) = client.items("/v1/alerts")
        (spoken,) = client.items("/v1/rules")
    (opened,) = (told.change for told in report.changes)
    reason = "6 events last week, bound 1.0, which is 2 times the bound or more, for 1 week"
    assert (opened.kind, opened.reason) == (ChangeKind.OPENED, reason)
    assert stands["rule"] == "far-above-the-bound"
    assert spoken["condition"] == "2 times the bound or more"
    (told,) = board.iterdir()
    assert "Togo" in told.read_text(encoding="utf-8")
    assert reason in told.read_text(encoding="utf-8")


def test_a_fitted_model_of_a_package_is_tried_stored_and_restored(installed: Install) -> None:
    points = installed("A fitted model")
    own_tests(points)
    kind = every_kind()["two-rates"]
    by = Challenge({kind.name: kind})
    trial = by.challenge(restless_past(), task(), None)
    assert set(trial.figures) == {"two-rates", *BASELINES}
    assert "matured outcomes of its own" in trial.reason or "challenger" in trial.reason
    restored = by.restored(fit_of(trial))
    assert isinstance(restored, Model)
    card = by.card(restored)
    assert card["learned"]
    assert "It knows two kinds of month and nothing else." in card["weaknesses"]
    assert card["model"].startswith("two-rates@1+")


COMPOSED = """
from ewarn.languages.catalogues import faults_of
from ewarn.notify.messages.compose import compose
from ewarn.rulebook.offices import read_offices
from tests.notifications import BASE, NOW, alert_notification, recipient
assert list(faults_of("eo")) == []
assert "since %(day)s" in next(faults_of("ia"))
for language in ("eo", "ia"):
    read_offices(f"- {{id: a, name: A, language: {language}, countries: [TGO]}}")
    print(compose(recipient(language), [alert_notification(language=language)], NOW, BASE).subject)
"""


def translated(site: Path, package: str, language: str, without: str = "") -> None:
    """Write a catalogue that says every message but one, marked with the language."""
    catalogue = Catalog(locale=language)
    for message in catalogues.catalogue("fr"):
        if message.id and message.id != without:
            ids = (message.id,) if isinstance(message.id, str) else message.id
            said = tuple(f"{language}: {each}" for each in ids)
            text = said[0] if len(said) == 1 else said
            catalogue.add(message.id, text, context=message.context)
    file = site / package / language / "LC_MESSAGES" / "ewarn.po"
    file.parent.mkdir(parents=True)
    with file.open("wb") as written:
        write_po(written, catalogue)


def test_a_message_is_composed_in_a_language_of_a_package_once_every_message_is_there(
    tmp_path: Path,
) -> None:
    build("A language", tmp_path)
    translated(tmp_path, "esperanto", "eo")
    install(tmp_path, "interlingua", {"ewarn.languages": {"ia": "interlingua"}})
    translated(tmp_path, "interlingua", "ia", without="since %(day)s")
    path = os.pathsep.join((str(tmp_path), str(DOCUMENT.parents[1])))
    ran = subprocess.run(
        [sys.executable, "-c", COMPOSED], env={"PYTHONPATH": path}, capture_output=True, text=True
    )
    assert ran.returncode == 0, ran.stderr
    assert ["eo: " in line or "ia: " in line for line in ran.stdout.splitlines()] == [True, False]
