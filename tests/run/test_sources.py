"""Tests of `ewarn sources` and of an operator's decisions, with a real provider."""

import hashlib
import json
from datetime import timedelta

import pytest

from ewarn.run.clock import wall
from tests.ingest.gdelt.provider import row_of, zipped
from tests.provider import Provider, Reply
from tests.run.conftest import Command


@pytest.fixture
def gdelt(provider: Provider, monkeypatch: pytest.MonkeyPatch) -> Provider:
    monkeypatch.setenv("EWARN_GDELT_URL", provider.url)
    return provider


def publish(provider: Provider, minutes_ago: int, *rows: int) -> str:
    """Serve a file of invented rows that GDELT would have published some minutes ago."""
    moment = wall() - timedelta(minutes=minutes_ago)
    moment = moment.replace(minute=moment.minute // 15 * 15, second=0, microsecond=0)
    name = f"{moment:%Y%m%d%H%M%S}.export.CSV"
    body = zipped(name, "".join(row_of(row, moment) for row in rows))
    provider.answers[f"/{name}.zip"] = [Reply(body)]
    listing = f"{len(body)} {hashlib.md5(body).hexdigest()} http://invented/{name}.zip\n"
    provider.answers["/lastupdate.txt"] = [Reply(listing.encode())]
    return name


def test_an_emptiness_that_never_was_waits_for_a_persons_word(
    ewarn: Command, gdelt: Provider
) -> None:
    for slot in range(6, 1, -1):
        newest = publish(gdelt, 15 * slot, slot)
        assert json.loads(ewarn("ingest", "--json").out)["sources"]["gdelt"]["health"] == "ok"
    assert ewarn("sources", "accept", "gdelt").code == 2
    empty = publish(gdelt, 15)
    assert json.loads(ewarn("ingest", "--json").out)["sources"]["gdelt"]["health"] == "suspect"
    shown = ewarn("sources").out
    assert "suspect" in shown
    assert f"{empty}.zip is empty" in " ".join(shown.split())
    accepted = json.loads(ewarn("sources", "accept", "gdelt", "--json").out)
    assert accepted["health"] == "ok"
    (found,) = json.loads(ewarn("sources", "--json").out)["sources"]
    assert (found["health"], found["newest event"].replace("-", "")) == ("ok", newest[:8])


def test_accepting_what_is_not_switched_on_is_one_sentence(ewarn: Command) -> None:
    ran = ewarn("sources", "accept", "acled")
    assert (ran.code, "acled" in ran.err, "EWARN_SOURCES has gdelt" in ran.err) == (2, True, True)
