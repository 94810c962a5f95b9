"""Tests that the recipes of docs/recipes.md work, in order, against the real application.

What runs here: Python, the shell, and R where it is installed. Excel and Grafana do not: it is only
checked that the service answers each address that their recipes name, with each column.
"""

import csv
import io
import json
import os
import re
import shutil
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from api.app import create_app
from api.routes.feeds.change_feed import ChangeFeed
from ewarn.client.errors import OfflineWarning
from ewarn.domain.alert import ChangeKind
from ewarn.domain.key import READ_SCOPES
from tests.api.world import NOW, World, alert
from tests.client.asking import Asking
from tests.client.conftest import ATTEMPTS, Line
from tests.faults import between, down, reset, truncated
from tests.serving import served

DOCS = Path(__file__).resolve().parents[2] / "docs"
PAGE = (DOCS / "recipes.md").read_text(encoding="utf-8")
SITE = "https://ewarn.example.org"


def recipes(language: str) -> list[str]:
    """Return the recipes in a language."""
    return re.findall(rf"```{language}\n(.*?)```", PAGE, re.S)


@pytest.mark.parametrize("line", [Asking], indirect=True)
def test_python(line: Line, capsys: pytest.CaptureFixture[str]) -> None:
    found = recipes("python")
    assert len(found) == 8
    names: dict[str, Any] = {"url": line.proxy.url, "key": line.key, "cache": line.cache}
    said = []
    for recipe in found:
        exec(recipe.replace("Client(url, key", "Client(url, key, cache=cache"), names)
        said.append(capsys.readouterr().out)
    _, notice, alerts, past, _, polled, refused, awaited = said
    assert notice.startswith("illustration: ")
    assert "Togo critical 2020-01-20" in alerts
    assert "opened 21% is at or above 16%" in past
    assert "raised" not in past
    assert polled == ""
    assert refused.startswith("unknown-region ")
    assert awaited == "['a1']\n"
    line.proxy.faults.extend([down] * ATTEMPTS)
    with pytest.warns(OfflineWarning):
        exec(found[5], names)
    assert "No line: these scores were read on 20" in capsys.readouterr().out


def named(score: dict[str, str]) -> tuple[str, str]:
    """Return what a score is about."""
    return score["region"], score["target"]


def rows(path: Path) -> list[dict[str, str]]:
    """Return the rows of a table."""
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def bash(folder: Path, url: str, *scripts: str, **environment: str) -> str:
    """Run recipes of the shell in a folder, and return what they say."""
    script = "\n".join(["set -eu", *scripts]).replace(SITE, url)
    with shell(folder, script, **environment) as process:
        said, errors = process.communicate(timeout=60)
    assert process.returncode == 0, errors
    return str(said)


@contextmanager
def shell(folder: Path, script: str, **environment: str) -> Iterator[subprocess.Popen[str]]:
    """Run a script of bash, and end it with all that it started."""
    process = subprocess.Popen(
        ["bash", "-c", script],
        cwd=folder,
        env=os.environ | environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    try:
        yield process
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.communicate()


@pytest.mark.skipif(not shutil.which("curl"), reason="curl is not installed")
def test_shell(world: World, tmp_path: Path) -> None:
    begin, scores, poll, pages, past, acknowledge, follow = recipes("bash")
    key = world.key(scopes={*READ_SCOPES, "alerts:act"})
    app = create_app(world.state())
    app.state.changes = ChangeFeed(world.state(), seconds=0.01)
    with served(app) as url, between(url) as line:
        assert bash(tmp_path, url, begin, scores, past, KEY=key, ALERT="a1") == ""
        assert (tmp_path / "key.header").stat().st_mode & 0o077 == 0
        scored = [named(each) for each in rows(tmp_path / "scores.csv")]
        listed = json.loads((tmp_path / "scores.json").read_text())["items"]
        assert [named(each) for each in listed] == scored[: len(listed)]
        assert [each["band"] for each in rows(tmp_path / "past.csv")] == ["high", "guarded"]
        told = json.loads((tmp_path / "alert.json").read_text())["timeline"]
        assert [each["kind"] for each in told] == ["opened", "raised"]

        assert bash(tmp_path, url, begin, pages.replace("limit=100", "limit=70"), KEY=key) == ""
        paged = [json.loads(each.read_text()) for each in tmp_path.glob("scores-*.json")]
        assert len(paged) > 2
        assert sorted(named(item) for page in paged for item in page["items"]) == sorted(scored)

        line.faults.extend([truncated])
        assert bash(tmp_path, line.url, begin, poll, KEY=key) == "alerts.csv has changed\n"
        before = rows(tmp_path / "alerts.csv")
        assert [each["id"] for each in before] == ["a1"]
        assert bash(tmp_path, line.url, begin, poll, KEY=key) == ""
        assert bash(tmp_path, url, begin, acknowledge, KEY=key, ALERT="a1").startswith('{"id":"a1"')
        line.faults.extend([reset])
        once = begin.replace("--retry 5", "--retry 0")
        failing = f"{poll.strip()} || echo failed"
        assert bash(tmp_path, line.url, once, failing, KEY=key) == "failed\n"
        assert rows(tmp_path / "alerts.csv") == before
        assert bash(tmp_path, line.url, begin, poll, KEY=key) == "alerts.csv has changed\n"
        (after,) = rows(tmp_path / "alerts.csv")
        assert (after["state"], after["acknowledged_by"]) == ("acknowledged", "a test")

        (tmp_path / "last.id").write_text("4\n")
        with shell(tmp_path, f"{begin}{follow}".replace(SITE, url), KEY=key) as process:
            assert process.stdout is not None
            for kind in ("acknowledged", "opened"):
                assert json.loads(process.stdout.readline())["change"]["kind"] == kind
                world.change(alert(id="n1"), ChangeKind.OPENED, NOW, "an invented reason")
            assert int((tmp_path / "last.id").read_text()) >= 5


def require_r() -> None:
    """Skip the test unless R and the package that its recipe uses are installed."""
    asked = ["Rscript", "--vanilla", "-e", "library(jsonlite)"]
    if (
        not shutil.which("Rscript")
        or subprocess.run(asked, capture_output=True, check=False).returncode
    ):
        pytest.skip("R is not complete (Debian: r-base-core, r-cran-jsonlite)")


def test_r(world: World, tmp_path: Path) -> None:
    require_r()
    with served(create_app(world.state())) as url:
        ran = subprocess.run(
            ["Rscript", "--vanilla", "-e", "\n".join(recipes("r")).replace(SITE, url)],
            cwd=tmp_path,
            env=os.environ | {"EWARN_KEY": world.key(), "LC_ALL": "C.UTF-8"},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
    assert (ran.returncode, ran.stderr) == (0, "")
    assert re.search(r"Togo +critical +0.4301 +0.2581 +0.6882 +2020-03-29", ran.stdout)
    assert "illustration: parameters from another source" in ran.stdout
    assert re.search(r"2 2020-02-17T07:00:00\+00:00 +raised 38% is critical", ran.stdout)
    assert (tmp_path / "Rplots.pdf").exists()


def test_power_query(world: World) -> None:
    with served(create_app(world.state())) as url:
        for recipe in recipes("m"):
            (path, asked) = re.findall(r'RelativePath = "(.*?)",\s+Query = \[(.*?)\]', recipe)[0]
            query = dict(re.findall(r'(\w+) = "(.*?)"', asked))
            (header,) = re.findall(r'#"(.*?)" = EwarnKey', recipe)
            answer = httpx.get(f"{url}/{path}", params=query, headers={header: world.key()})
            assert answer.status_code == 200
            listed = re.findall(r'^ +\{?"\w+".*$', recipe, re.M)  # lines of names of columns
            columns = set(re.findall(r'"(\w+)"', "".join(listed)))
            assert len(columns) > 6
            if query.get("format") == "csv":
                assert columns <= set(next(csv.reader(io.StringIO(answer.text))))
            else:
                assert answer.json()["next"] is None
                assert columns <= set(answer.json()["items"][0])


def test_grafana(world: World) -> None:
    dashboard = json.loads((DOCS / "grafana" / "warnings.json").read_text())
    operations = (DOCS / "grafana" / "ewarn.json").read_text()
    (office,) = (each for each in dashboard["templating"]["list"] if each["name"] == "office")
    accepted = "application/json;q=0.9,text/plain"  # as Infinity asks
    headers = {"X-API-Key": world.key(), "Accept": accepted}
    with served(create_app(world.state())) as url:
        for panel in dashboard["panels"]:
            (target,) = panel["targets"]
            path = target["url"].replace("${office}", office["query"])
            assert re.fullmatch(r"/v1/[^$]+", path)
            answer = httpx.get(f"{url}{path}", headers=headers)
            assert answer.status_code == 200
            (first, *_) = answer.json()[target["root_selector"]]
            assert {each["selector"] for each in target["columns"]} <= set(first)
        metrics = httpx.get(f"{url}/metrics", headers={"X-API-Key": headers["X-API-Key"]}).text
    shown = set(re.findall(r"ewarn_\w+", operations)) - {"ewarn_request_seconds_bucket"}
    assert len(shown) > 10
    assert [
        name for name in sorted(shown) if f"# TYPE {name.removesuffix('_total')}" not in metrics
    ] == []
