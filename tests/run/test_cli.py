"""Tests of the command line: results, and one clear sentence for every mistake."""

import json
import os
import socket
import sqlite3
import subprocess
import sys
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from ewarn.errors import StoreError
from ewarn.run.cli import COMMANDS, load
from ewarn.run.commands import admin
from ewarn.store.database.ailments import DAMAGED
from ewarn.store.database.engine import Store
from ewarn.store.jobs import jobs, leases
from tests.run.conftest import Command

HEADER = "source,source_event_id,kind,occurred_on,country,admin1\n"
GOOD = "invented,e1,protest,2020-01-06,TGO,Maritime\ninvented,e2,arrest,2020-01-07,TGO,Kara\n"


@pytest.fixture
def events(tmp_path: Path) -> Path:
    path = tmp_path / "events.csv"
    path.write_text(HEADER + GOOD)
    return path


def last_line(text: str) -> str:
    return text.strip().splitlines()[-1]


def test_an_import_is_counted_and_a_second_one_changes_nothing(
    ewarn: Command, events: Path
) -> None:
    first = ewarn("import", str(events), "--json")
    counted = json.loads(first.out)
    del counted["scoring"]
    assert counted == {
        "accepted": 2,
        "unchanged": 0,
        "older": 0,
        "versions": 0,
        "tombstones": 0,
        "skipped": 0,
        "rejected": [],
    }
    assert json.loads(ewarn("import", str(events), "--json").out)["unchanged"] == 2
    assert first.out.count("\n") == 1


def test_a_wrong_year_adds_no_week_that_was_watched(
    ewarn: Command, events: Path, tmp_path: Path
) -> None:
    """From the import to the score: weeks after the last true day are missing, not calm."""
    weeks = [datetime(2022, 1, 3, tzinfo=UTC) + timedelta(weeks=week) for week in range(160)]
    rows = [f"invented,w{day:%Y%m%d},protest,{day:%Y-%m-%d},TGO,Maritime\n" for day in weeks]
    slips = ("2062-06-24", "2016-02-03", "2016-07-03", "2016-11-03")
    wrong = [f"invented,slip-{day},protest,{day},TGO,Maritime\n" for day in slips]
    covered = []
    for written in (rows, [*rows, *wrong]):
        events.write_text(HEADER + "".join(written))
        said = ewarn("import", str(events))
        with closing(sqlite3.connect(tmp_path / "data" / "ewarn.db")) as store:
            found = store.execute("SELECT first_week, last_week FROM coverage").fetchall()
        covered.append(max(found))
        assert all(first == last for first, last in found if first < "2022")
        origin = f"{weeks[-1] + timedelta(weeks=30):%Y-%m-%d}"
        assert "nothing observed" in str(ewarn("score", "invented", "--origin", origin))
    assert "occurred_on 2062-06-24 has not come" in str(said)
    assert covered == [("2022-01-03", "2025-01-20")] * 2


def test_an_edited_file_adds_versions_and_deletions(ewarn: Command, events: Path) -> None:
    ewarn("import", str(events))
    events.write_text(
        "source,source_event_id,kind,occurred_on,country,known_on,deleted\n"
        "invented,e1,riot,2020-01-06,TGO,2020-01-09,\n"
        "invented,e2,arrest,2020-01-07,TGO,2020-01-09,true\n"
    )
    counts = json.loads(ewarn("import", str(events), "--json").out)
    assert (counts["versions"], counts["tombstones"]) == (1, 1)


def test_bad_rows_are_refused_by_line_and_the_rest_go_in(ewarn: Command, events: Path) -> None:
    events.write_text(HEADER + "invented,e0,picnic,2020-01-06,TGO,\n" + GOOD)
    ran = ewarn("import", str(events), "--json")
    counts = json.loads(ran.out)
    assert (ran.code, counts["accepted"]) == (0, 2)
    assert [item["line"] for item in counts["rejected"]] == [2]
    assert "line 2 refused: " in ran.err
    assert "picnic" in ran.err


def test_strict_refuses_the_whole_file(ewarn: Command, events: Path) -> None:
    events.write_text(HEADER + "invented,e0,picnic,2020-01-06,TGO,\n" + GOOD)
    ran = ewarn("import", str(events), "--strict")
    assert ran.code == 1
    assert last_line(ran.err).endswith("are refused, so nothing was stored (--strict)")
    assert json.loads(ewarn("import", str(events), "--json").out)["accepted"] == 2


def test_the_line_can_be_walked_by_hand(ewarn: Command, events: Path) -> None:
    ewarn("import", str(events))
    scored = json.loads(ewarn("score", "invented", "--origin", "2020-01-13", "--json").out)
    (run,) = scored["runs"]
    assert (run["source"], run["origin"], run["scores"]) == ("invented", "2020-01-13", 12)
    assert json.loads(ewarn("alert", "--origin", "2020-01-13", "--json").out)["changes"] == 0
    assert json.loads(ewarn("deliver", "--json").out) == {"delivered": 0, "waiting": 0, "dead": 0}
    doctor = ewarn("doctor", "--json")
    assert doctor.code == 0
    assert json.loads(doctor.out)["ledger"] == "agrees with a recount"


def test_a_file_speaks_neither_for_a_polled_source_nor_for_weeks_to_come(
    ewarn: Command, events: Path
) -> None:
    events.write_text(
        HEADER
        + "gdelt,g1,protest,2016-01-04,TGO,\ngdelt,g2,protest,2020-01-04,TGO,\n"
        + "invented,e1,protest,2016-01-04,TGO,\ninvented,e2,protest,2090-01-04,TGO,\n"
    )
    assert "line 5 refused: occurred_on 2090-01-04 has not come" in ewarn("import", str(events)).out
    health = json.loads(ewarn("sources", "--json").out)["sources"]
    assert {item["source"]: (item["health"], item["reason"]) for item in health} == {
        "gdelt": ("silent", "never read"),
        "invented": ("silent", "an imported file whose weeks have passed"),
    }
    runs = json.loads(ewarn("score", "--json").out)["runs"]
    assert {item["source"]: item["scores"] for item in runs} == {"gdelt": 0, "invented": 0}
    assert {item["source"]: item["reason"][:36] for item in runs} == {
        "gdelt": "not scored: it has observed no whole",
        "invented": "not scored: its newest week watched ",
    }


def test_an_archive_that_ended_long_ago_is_silent_and_not_scored(
    ewarn: Command, events: Path
) -> None:
    ewarn("import", str(events))
    health = json.loads(ewarn("sources", "--json").out)["sources"]
    assert ("invented", "silent") in {(item["source"], item["health"]) for item in health}
    assert json.loads(ewarn("score", "invented", "--json").out)["runs"][0]["scores"] == 0
    assert "there are no scores for origin" in ewarn("alert").out


def test_rows_add_up_when_one_stands_there_twice(ewarn: Command, events: Path) -> None:
    events.write_text(HEADER + GOOD + GOOD)
    counts = json.loads(ewarn("import", str(events), "--json").out)
    assert (counts["accepted"], counts["unchanged"], counts["skipped"]) == (2, 0, 2)
    again = ewarn("import", str(events))
    assert last_line(again.out).endswith("2 unchanged, 2 skipped, 0 refused")
    assert "skipped: 2, the same row again" in again.out


def test_an_import_of_refused_rows_alone_fails(ewarn: Command, events: Path) -> None:
    events.write_text(HEADER + "invented,e0,picnic,2020-01-06,TGO,\n")
    ran = ewarn("import", str(events), "--json")
    assert (ran.code, json.loads(ran.out)["accepted"]) == (1, 0)
    assert last_line(ran.err).endswith("nothing was imported, 1 rows are refused")
    assert ewarn("import", str(events)).code == 1
    events.write_text(HEADER)
    assert ewarn("import", str(events)).code == 0  # a file without rows is not an error


def test_what_is_no_database_is_one_clear_sentence(ewarn: Command, tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "ewarn.db").write_text("no database at all, only words\n" * 40)
    ran = ewarn("status")
    assert (ran.code, "Traceback" in ran.err) == (1, False)
    assert "cannot be used: file is not a database" in last_line(ran.err)


def test_a_database_of_a_newer_version_is_one_clear_sentence(
    ewarn: Command, tmp_path: Path
) -> None:
    ewarn("migrate")
    with sqlite3.connect(tmp_path / "data" / "ewarn.db") as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.close()
    for command in ("status", "migrate"):
        ran = ewarn(command)
        assert ran.code == 1
        assert "revision 9999, which this version of ewarn does not know" in ran.err


def test_a_terminal_without_accents_still_gets_its_answer(ewarn: Command, tmp_path: Path) -> None:
    assert ewarn("keys", "create", "Côte d'Ivoire desk", "--country", "CIV").code == 0
    plain = {"LANG": "C", "LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    done = subprocess.run(
        [sys.executable, "-m", "ewarn.run.cli", "keys", "list"],
        capture_output=True,
        cwd=tmp_path,
        env=os.environ | plain | {"PYTHONPATH": str(Path(__file__).parents[2])},
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert b"C?te d'Ivoire desk" in done.stdout


def test_keys_are_made_listed_and_revoked(ewarn: Command) -> None:
    made = json.loads(
        ewarn("keys", "create", "desk", "--country", "tg", "--days", "9", "--json").out
    )
    (row,) = json.loads(ewarn("keys", "list", "--json").out)["keys"]
    assert (row["prefix"], row["countries"], row["valid"]) == (made["prefix"], ["TGO"], True)
    assert made["key"].startswith(made["prefix"] + ".")
    assert "desk" in ewarn("keys", "list").out
    assert ewarn("keys", "revoke", made["prefix"]).code == 0
    assert json.loads(ewarn("keys", "list", "--json").out)["keys"][0]["valid"] is False


def test_a_partners_key_is_limited_rotated_and_its_reads_are_shown(ewarn: Command) -> None:
    days = ("--since", "2026-01-01", "--until", "2026-06-30", "--days", "90")
    made = json.loads(
        ewarn(
            "keys", "create", "country team", "--partner", "--region", "TG-M", *days, "--json"
        ).out
    )
    turned = json.loads(ewarn("keys", "rotate", made["prefix"], "--overlap", "12h", "--json").out)
    rows = json.loads(ewarn("keys", "list", "--json").out)["keys"]
    assert {row["prefix"] for row in rows} == {made["prefix"], turned["prefix"]}
    for row in rows:
        assert (row["countries"], row["days"]) == (["TG-M"], ["2026-01-01", "2026-06-30"])
        assert row["scopes"] == ["alerts:read", "events:read", "scores:read"]
        assert (row["valid"], row["used"]) == (True, None)
    assert len({row["expires"] for row in rows}) == 2
    assert "2026-06-30" in ewarn("keys", "list").out
    assert json.loads(ewarn("keys", "reads", made["prefix"], "--json").out) == {"reads": []}
    assert ewarn("keys", "reads", made["prefix"]).code == 0
    assert ewarn("doctor").code == 0


def test_a_key_is_named_after_a_desk(ewarn: Command) -> None:
    ran = ewarn("keys", "create", "Docteur Inventé")
    assert ran.code == 2
    assert "the name of a key must be a role or an office" in ran.err
    assert json.loads(ewarn("keys", "list", "--json").out)["keys"] == []


def test_a_source_that_cannot_be_reached_is_health_and_json_stays_one_line(
    ewarn: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EWARN_GDELT_URL", "http://127.0.0.1:9/gdeltv2")
    ran = ewarn("ingest", "--json")
    assert (ran.code, ran.out.count("\n")) == (1, 1)
    assert json.loads(ran.out)["sources"]["gdelt"]["health"] == "late"
    assert "stamina.retry_scheduled" in ran.err


def test_status_tells_who_leads_what_failed_and_what_waits(ewarn: Command, tmp_path: Path) -> None:
    ewarn("migrate")
    store = Store(f"sqlite:///{tmp_path / 'data' / 'ewarn.db'}")
    at, hour = datetime(2020, 1, 6, tzinfo=UTC), timedelta(hours=1)
    with store.write() as connection:
        leases.acquire(connection, leases.LEADER, "one", at, 1_000_000 * hour)
        for name in ("forget", "score"):
            jobs.enqueue(connection, name, at)
        run = jobs.claim(connection, at, {"forget"}, holder="one", length=hour)
        assert run is not None
        jobs.finish(connection, run, at, failure="the disk is full")
    told = json.loads(ewarn("status", "--json").out)
    assert told["failed_jobs"] == {"forget": "the disk is full"}
    assert told["overdue"] == {"job": "score", "since": "2020-01-06T00:00:00+00:00"}
    assert told["leader"]["worker"] == "one"
    said = ewarn("status").out
    assert "- failed job forget: the disk is full" in said
    assert "- overdue: score waits for a worker since 2020-01-06 00:00 UTC" in said
    assert "leader: one" in said
    with store.write() as connection:
        leases.release(connection, leases.LEADER, "one", at)
    assert "leader: none leads since 2020-01-06 00:00 UTC" in ewarn("status").out
    store.dispose()


def test_status_and_sources_speak_on_a_fresh_store(ewarn: Command) -> None:
    assert "- source gdelt: silent (never read)" in ewarn("status").out
    assert "0 of 52 weeks of its past were read. Until 26 are" in ewarn("status").out
    assert json.loads(ewarn("status", "--json").out)["sources"] == {"gdelt": "silent: never read"}
    assert "no worker has led yet; start `ewarn work`" in ewarn("status").out
    assert "never read" in ewarn("sources").out
    assert json.loads(ewarn("sources", "--json").out)["sources"][0]["health"] == "silent"


def test_sources_show_what_they_refused(ewarn: Command, events: Path) -> None:
    events.write_text(HEADER + "invented,e0,picnic,2020-01-06,TGO,\n" + GOOD)
    ewarn("import", str(events))
    assert "line 2 refused" in ewarn("sources").out


def test_models_are_listed_with_their_cards(ewarn: Command) -> None:
    cards = json.loads(ewarn("models", "list", "--json").out)["models"]
    assert {(card["target"], card["level"]) for card in cards} == {
        ("force", "country"),
        ("force", "admin1"),
        ("escalation", "country"),
        ("escalation", "admin1"),
    }
    assert "escalation" in ewarn("models", "list").out


def test_rules_are_checked(ewarn: Command, tmp_path: Path) -> None:
    rules = tmp_path / "rules.yaml"
    rules.write_text("- {id: one, target: force, level: country, horizon_weeks: 4, detector: true}")
    assert json.loads(ewarn("rules", "check", str(rules), "--json").out) == {"rules": ["one"]}


PARTNER = ("keys", "create", "x", "--partner", "--since", "2026-01-01", "--until", "2026-06-30")


@pytest.mark.parametrize(
    ("arguments", "code", "sentence"),
    [
        (("import", "nowhere.csv"), 1, "there is no file nowhere.csv; check the path"),
        (("import", "."), 1, "cannot be read"),
        (("demo", "--until", "2017-13-01"), 2, "--until: '2017-13-01' is not a day"),
        (("demo", "--until", "1990-01-01"), 2, "--until must be between 2014-01-06 and"),
        (("score", "--origin", "2020-01-14"), 2, "2020-01-14 is a Tuesday; an origin is a Monday"),
        (("alert", "--origin", "yesterday"), 2, "--origin: 'yesterday' is not a day"),
        (("keys", "create", "desk", "--country", "XX-Q"), 2, "XX-Q"),
        (("keys", "create", "desk", "--scope", "fly"), 2, "'fly' is not a scope"),
        (("keys", "create", "desk", "--days", "0"), 2, "--days"),
        (("keys", "create", "desk", "--days", "99999999"), 2, "--days"),
        (("keys", "create", " "), 2, "a key needs a name"),
        (("keys", "create", "x", "--partner", "--country", "TGO"), 2, "--since and --until"),
        (("keys", "create", "x", "--region", "TG-M"), 2, "for the key of a partner"),
        (
            (*PARTNER, "--country", "TGO", "--country", "BEN", "--region", "TG-M"),
            2,
            "name regions of each country",
        ),
        ((*PARTNER, "--country", "TGO", "--scope", "admin", "--days", "9"), 2, "only reads"),
        ((*PARTNER, "--days", "9"), 2, "needs the countries or regions"),
        ((*PARTNER, "--country", "TGO"), 2, "needs an end"),
        (("keys", "rotate", "ew00", "--overlap", "soon"), 2, "write days or hours"),
        (("keys", "rotate", "ew00"), 2, "no valid key has the prefix 'ew00'"),
        (("keys", "reads", "ew00"), 2, "no valid key has the prefix 'ew00'"),
        (("score", "telepathy"), 2, "nothing is known of a source 'telepathy'"),
        (("score", "--origin", "2999-01-07"), 2, "2999-01-07 is in the future"),
        (("alert", "--origin", "9999-12-27"), 2, "is in the future"),
        (("keys", "revoke", "ew00"), 2, "no valid key has the prefix 'ew00'"),
        (("ingest", "telepathy"), 2, "the source 'telepathy' is not switched on"),
        (("rules", "check", "none.yaml"), 1, "none.yaml cannot be read"),
        (("models", "ship", "none.csv", "--out", "x", "--created-on", "2020"), 2, "--created-on"),
        (("models", "ship", "none.csv", "--out", "x", "--created-on", "2020-01-01"), 1, "no file"),
        (("models", "fit", "--source", "telepathy"), 2, "nothing is fitted on 'telepathy'"),
        (("models", "fit", "--target", "assembly"), 2, "assembly"),
        (("models", "show", "9"), 2, "there is no fitted model 9; see `ewarn models list`"),
        (("models", "promote", "9", "--reason", "why not"), 2, "there is no fitted model 9"),
        (("models", "promote", "9", "--reason", " "), 2, "--reason must not be empty"),
        (("models", "scorecard", "ensemble"), 2, "no score of a model 'ensemble' has matured"),
        (("fly",), 2, "fly"),
        (("demo", "--fly"), 2, "--fly"),
    ],
)
def test_a_mistake_is_one_clear_sentence(
    ewarn: Command, arguments: tuple[str, ...], code: int, sentence: str
) -> None:
    ran = ewarn(*arguments)
    assert ran.code == code
    assert sentence in ran.err
    assert last_line(ran.err).startswith("ewarn: ")
    assert "Traceback" not in ran.err
    assert ran.out == ""


def test_a_file_without_a_required_column_is_named(ewarn: Command, tmp_path: Path) -> None:
    path = tmp_path / "bad.csv"
    path.write_text("source,kind\ninvented,protest\n")
    ran = ewarn("import", str(path))
    assert ran.code == 1
    assert "source_event_id" in ran.err


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("EWARN_PROT", "8001", "EWARN_PROT is not a setting of ewarn; did you mean EWARN_PORT?"),
        ("EWARN_PORT", "eighty", "EWARN_PORT cannot be used"),
        ("EWARN_PORT", "70000", "EWARN_PORT cannot be used"),
        ("EWARN_DATABASE_URL", "nonsense", "EWARN_DATABASE_URL is not a database address"),
        ("EWARN_DATABASE_URL", "mysql://x/y", "names the database 'mysql'"),
        ("EWARN_DATABASE_URL", "postgresql://nobody@127.0.0.1:9/x", "cannot be used"),
        ("EWARN_SOURCES", "telepathy", "EWARN_SOURCES names 'telepathy'"),
        ("EWARN_DELIVER", "pigeon", "EWARN_DELIVER names 'pigeon'"),
        ("EWARN_DELIVER", "webhook", "EWARN_WEBHOOK_SECRETS is empty"),
        ("EWARN_DELIVER", "alertmanager", "EWARN_WEBHOOK_SECRETS is empty"),
        ("EWARN_DELIVER", "email", "EWARN_SMTP_HOST or EWARN_SMTP_FROM is empty"),
        ("EWARN_WEBHOOK_SECRETS", "whsec_c2hvcnQ=", "EWARN_WEBHOOK_SECRETS cannot be used"),
        ("EWARN_SMTP_FROM", "nobody", "EWARN_SMTP_FROM cannot be used"),
        ("EWARN_SMTP_SECURITY", "hope", "EWARN_SMTP_SECURITY cannot be used"),
        ("EWARN_SMTP_CA", "nowhere.pem", "nowhere.pem holds no certificates"),
        ("EWARN_WEBHOOK_ALLOW", "here", "EWARN_WEBHOOK_ALLOW cannot be used"),
        ("EWARN_CONFIG_DIR", "nowhere", "EWARN_CONFIG_DIR names nowhere, which is not a folder"),
        ("EWARN_DATA_DIR", "/dev/null/x", "cannot be created"),
        ("EWARN_SECRETS_DIR", "nowhere", "EWARN_SECRETS_DIR names nowhere, which cannot be read"),
    ],
)
def test_a_wrong_setting_is_named(
    ewarn: Command, monkeypatch: pytest.MonkeyPatch, name: str, value: str, sentence: str
) -> None:
    monkeypatch.setenv(name, value)
    ran = ewarn("status")
    assert ran.code in (1, 2)
    assert sentence in ran.err
    assert "Traceback" not in ran.err


def test_mail_in_clear_stays_on_this_machine(
    ewarn: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EWARN_SMTP_FROM", "ewarn <ewarn@example.org>")
    monkeypatch.setenv("EWARN_SMTP_SECURITY", "none")
    monkeypatch.setenv("EWARN_SMTP_HOST", "mail.example.org")
    ran = ewarn("status")
    assert ran.code == 2
    assert "EWARN_SMTP_SECURITY cannot be used" in ran.err
    assert "starttls or tls" in ran.err
    monkeypatch.setenv("EWARN_SMTP_HOST", "127.0.0.1")
    monkeypatch.setenv("EWARN_DELIVER", "email")
    assert ewarn("sources").code == 0


def test_a_setting_in_a_file_is_read_and_an_unknown_one_refused(
    ewarn: Command, tmp_path: Path
) -> None:
    (tmp_path / ".env").write_text("EWARN_SOURCES=chronicle\n")
    assert list(json.loads(ewarn("status", "--json").out)["sources"]) == ["chronicle"]
    (tmp_path / ".env").write_text("EWARN_SAUCES=chronicle\n")
    assert "EWARN_SAUCES is not a setting" in ewarn("status").err


def test_a_secret_under_a_name_that_is_not_read_is_refused(
    ewarn: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "secrets"
    folder.mkdir()
    (folder / "README").write_text("not a setting")
    secret = folder / "acled_password"
    secret.write_text("invented")
    monkeypatch.setenv("EWARN_SECRETS_DIR", str(folder))
    assert "acled_password is not read: name it ewarn_acled_password" in ewarn("status").err
    secret.rename(folder / "ewarn_acled_pasword")
    assert "did you mean EWARN_ACLED_PASSWORD?" in ewarn("status").err
    (folder / "ewarn_acled_pasword").rename(folder / "ewarn_acled_password")
    assert ewarn("sources").code == 0


def test_rules_of_the_operator_replace_the_packaged_ones(
    ewarn: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EWARN_CONFIG_DIR", str(tmp_path))
    (tmp_path / "rules.yaml").write_text("- {id: one}")
    assert f"{tmp_path}/rules.yaml, line 1: the field 'target' is missing" in ewarn("alert").err


@pytest.mark.parametrize("command", ["serve", "up"])
def test_a_taken_port_is_one_clear_sentence(
    ewarn: Command, monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    def no_worker(*_: object, **__: object) -> None:
        raise AssertionError("a worker was begun")

    monkeypatch.setattr(subprocess.Popen, "__init__", no_worker)
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        port = holder.getsockname()[1]
        monkeypatch.setenv("EWARN_PORT", str(port))
        ran = ewarn(command)
    assert ran.code == 1
    assert f"port {port} on 127.0.0.1 is taken" in ran.err


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_help_with_an_example(ewarn: Command, name: str) -> None:
    command = load(name)
    # The list of commands has copies of their help, so that it need not load them.
    assert command.get_short_help_str(limit=200) == COMMANDS[name][1]
    nested = [[name, inner] for inner in getattr(command, "commands", ())]
    for arguments in nested or [[name]]:
        ran = ewarn(*arguments, "--help")
        assert ran.code == 0
        assert "Example: " in ran.out, arguments


def test_the_list_of_commands_loads_none_of_them() -> None:
    asked = "import sys; from ewarn.run.cli import app; app(['--help'], standalone_mode=False); "
    asked += "sys.stderr.write(' '.join(sys.modules))"
    done = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True)
    assert all(name in done.stdout for name in COMMANDS)
    assert not {"pandas", "sqlalchemy", "pydantic", "httpx"} & set(done.stderr.split())


def test_the_installed_command_answers(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "ewarn.run.cli", "nonsense"],
        capture_output=True,
        text=True,
        cwd=Path(__file__).parents[2],
        check=False,
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert last_line(done.stderr).startswith("ewarn: ")


def test_a_backup_is_restored_into_another_folder(
    ewarn: Command, events: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ewarn("import", str(events))
    made = json.loads(ewarn("backup", "--json").out)
    assert made["rows"]["event_version"] == 2
    assert Path(made["file"]).parent == tmp_path / "data" / "backups"
    ran = ewarn("restore", made["file"])
    assert ran.code == 2
    assert "give --force" in last_line(ran.err)
    monkeypatch.setenv("EWARN_DATA_DIR", str(tmp_path / "other"))
    assert json.loads(ewarn("restore", made["file"], "--json").out)["rows"] == made["rows"]
    assert ewarn("doctor").code == 0
    assert "kept as" in ewarn("restore", made["file"], "--force").out


def test_doctor_says_what_is_damaged_and_what_to_do(
    ewarn: Command, events: Path, tmp_path: Path
) -> None:
    ewarn("import", str(events))
    assert "database: whole" in ewarn("doctor").out
    path = tmp_path / "data" / "ewarn.db"
    with closing(sqlite3.connect(path)) as connection:
        (page,) = connection.execute(
            "SELECT rootpage FROM sqlite_schema WHERE name = 'event_version'"
        ).fetchone()
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    body = bytearray(path.read_bytes())
    body[(page - 1) * 4096 : page * 4096] = b"\xff" * 4096
    path.write_bytes(body)
    ran = ewarn("doctor")
    assert ran.code == 1
    assert "event_version" in ran.out
    assert "`ewarn restore --force`" in ran.out
    assert "`ewarn doctor`" not in ran.out
    body[1000:4096] = b"\xff" * 3096  # and its contents cannot be read
    path.write_bytes(body)
    ran = ewarn("doctor")
    assert ran.code == 1
    assert "`ewarn restore" in ran.out + ran.err
    assert "`ewarn doctor`" not in ran.out + ran.err


def test_doctor_sends_nobody_to_doctor(ewarn: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    def unreadable(_store: Store) -> tuple[str, ...]:
        raise StoreError(f"the database cannot be used: {DAMAGED}")

    monkeypatch.setattr(admin, "damage", unreadable)
    ran = ewarn("doctor")
    assert ran.code == 1
    assert "`ewarn restore --force`" in ran.err
    assert "`ewarn doctor`" not in ran.err


def test_an_import_says_what_is_scored_and_the_worker_scores_it_at_once(
    ewarn: Command, events: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EWARN_SOURCES", "calendar")
    ewarn("work", "--once")  # the scoring is done, and not due again for hours
    newest = datetime.now(UTC).date() - timedelta(days=datetime.now(UTC).weekday() + 1)
    days = [newest - timedelta(days=number) for number in range(130)]
    rows = [f"invented,{day},arrest,{day},TGO,\n" for day in days]
    events.write_text(HEADER + "".join(rows))
    ran = ewarn("import", str(events), "--json")
    assert json.loads(ran.out)["scoring"] == [
        {"source": "invented", "is_scored": True, "reason": ""}
    ]
    assert "invented is scored at the next run of the worker (`ewarn work`)" in ran.err
    ewarn("work", "--once")
    assert json.loads(ewarn("status", "--json").out)["newest_origin"] is not None
    found = json.loads(ewarn("sources", "--json").out)["sources"]
    assert {item["source"]: item["scored"] for item in found} == {
        "calendar": False,
        "invented": True,
    }
    assert "calendar, not scored: it says when countries vote" in str(ewarn("sources"))
    assert json.loads(ewarn("doctor", "--json").out)["not scored, calendar"]


def test_an_import_says_why_nothing_is_scored(ewarn: Command, events: Path) -> None:
    ran = ewarn("import", str(events), "--json")
    (found,) = json.loads(ran.out)["scoring"]
    assert not found["is_scored"]
    assert "weeks before" in found["reason"]
    assert "invented is not scored: its newest week watched began on" in ran.err
