"""Tests that the API has one vocabulary: one word for one thing, the same in every format."""

import asyncio
import csv
import io
import json
import re
import xml.etree.ElementTree as ET
from collections import defaultdict
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from api.formats import atom, cap
from api.routes.feeds.change_feed import ChangeFeed
from ewarn.store.access import keys
from ewarn.store.alerts.alerts import AlertFilter
from tests.api.client import Client
from tests.api.test_contract import agreed, fields, parameters
from tests.api.world import World

TOP = Path(__file__).resolve().parents[2]
# Words that have another name here: `reason` for what somebody gives as explanation, `notice` for
# what must be shown, `warnings` for what a program remarks on a file.
NOT_USED = {
    *("comment", "comments", "explanation", "justification", "message", "note", "notes", "remark"),
    *("held_back", "hint", "not_told", "told", "why", "why_not"),
}
# Names with a second meaning, each of which is described at its field: most count something, or are
# of another object, such as the `state` of a message beside that of an alert.
SEVERAL_MEANINGS = {
    *("alert", "alerts", "as_of", "at", "band", "budget", "change", "completeness", "count"),
    *("countries", "country", "day", "detail", "drivers", "ended_on", "expected"),
    *("false_discovery", "from", "high", "id", "in_force", "level", "low", "members", "messages"),
    *("model", "models", "observed", "offices", "on", "outcome", "outcomes", "owner", "quiet"),
    *("reason", "recorded_at", "region", "regions", "rows", "rules", "scores", "series", "signals"),
    *("since", "source", "sources", "state", "status", "step", "text", "to", "tried", "unobserved"),
    *("until", "verdict", "version", "week", "weeks"),
}


def test_no_other_word_is_used_for_a_reason_or_a_notice() -> None:
    names = {where.rpartition(".")[2] for where, _ in fields()}
    names |= {parameter["name"] for _, parameter in parameters()}
    assert not names & NOT_USED


def test_a_name_has_one_meaning_or_says_which_it_has() -> None:
    meanings: dict[str, set[str]] = defaultdict(set)
    for where, field in fields():
        text = re.sub(r" Null .*", "", field["description"], flags=re.S)
        meanings[where.rpartition(".")[2]].add(text)
    several = {name for name, texts in meanings.items() if len(texts) > 1}
    assert several == SEVERAL_MEANINGS


def test_the_causes_of_unsent_changes_are_explained() -> None:
    page = (TOP / "docs" / "notifications.md").read_text(encoding="utf-8")
    (table,) = re.findall(r"\| `cause` \|.*?\n\n", page, re.S)
    causes = set(agreed()["components"]["schemas"]["SuppressionReason"]["enum"])
    assert set(re.findall(r"^\| `([\w-]+)` \|", table, re.M)) == {"cause", *causes} - {"record"}


def test_what_people_are_asked_for_is_always_a_reason() -> None:
    bodies = {
        where.partition(".")[0]
        for where, _ in fields()
        if where.endswith(".reason") and not re.search(r"Record|Row|Above|Change", where)
    }
    assert bodies == {
        *("Acknowledgement", "AssessmentBody", "Closing", "DeploymentBody", "ReportCounting"),
        *("ReportErasure", "ReportRefusal", "SilenceBody", "StepBody"),
        *("SubscriptionWithSecret",),  # the reason of an address that accepts nothing
    }


def enums_of(record: str) -> dict[str, set[str]]:
    """The fields of a record with values from a fixed set, as the document lists them."""
    schemas = agreed()["components"]["schemas"]
    found = {}
    for name, field in schemas[record]["properties"].items():
        for kind in field.get("anyOf", [field]):
            values = schemas.get(kind.get("$ref", "").rpartition("/")[2], kind).get("enum")
            if values:
                found[name] = set(values)
    return found


@pytest.mark.parametrize(
    ("path", "record"),
    [
        ("/v1/alerts", "AlertRecord"),
        ("/v1/events", "EventRecord"),
        ("/v1/recommendations", "RecommendationRecord"),
        ("/v1/scores", "ScoreRecord"),
    ],
)
def test_values_of_a_fixed_set_are_the_same_in_json_and_in_files(
    client: Client, path: str, record: str
) -> None:
    rows = client.get(f"{path}?limit=1000").json()["items"]
    text = client.get(f"{path}?limit=1000&format=csv").text
    table = list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"))))
    parquet = io.BytesIO(client.get(f"{path}?limit=1000&format=parquet").content)
    columns = pq.read_table(parquet).to_pydict()
    enums = enums_of(record)
    assert len(rows) == len(table) > 0
    assert len(enums) >= 2
    for name, known in enums.items():
        values = [row[name] for row in rows]
        assert known >= {value for value in values if value is not None}, name
        assert columns[name] == values, name
        if name in table[0]:  # the event-exchange format has fewer columns
            assert [row[name] or None for row in table] == values, name


def test_values_of_a_fixed_set_are_the_same_in_feeds_streams_and_messages(
    world: World, client: Client
) -> None:
    shown = {each["id"]: client.get(f"/v1/alerts/{each['id']}").json() for each in items(client)}
    kinds = {change["kind"] for each in shown.values() for change in each["timeline"]}
    feed = ET.fromstring(client.get("/v1/feeds/alerts.atom").content)
    assert {each.get("term") for each in feed.iter(f"{{{atom.NAMESPACE}}}category")} == kinds
    assert kinds <= set(agreed()["components"]["schemas"]["ChangeKind"]["enum"])
    for sent in streamed(world, client, sum(len(each["timeline"]) for each in shown.values())):
        alert = shown[sent["alert"]["id"]]
        (same,) = [each for each in alert["timeline"] if each["hash"] == sent["change"]["hash"]]
        assert sent["change"] == same
        assert {sent["alert"][name] for name in ("target", "level")} == {
            alert[name] for name in ("target", "level")
        }
    for id_, alert in shown.items():
        message = ET.fromstring(client.get(f"/v1/alerts/{id_}.cap").content)
        names = [each.text for each in message.iter(f"{{{cap.NAMESPACE}}}valueName")]
        values = [each.text for each in message.iter(f"{{{cap.NAMESPACE}}}value")]
        said = dict(zip(names, values, strict=True))
        assert said["ewarn:target"] == alert["target"]
        assert said["ewarn:level"] == alert["timeline"][-1]["band"]
        assert said["ewarn:rule"] == alert["rule"]


def items(client: Client) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = client.get("/v1/alerts").json()["items"]
    return found


def streamed(world: World, client: Client, number: int) -> list[dict[str, Any]]:
    """The data of the first events of the stream."""

    async def begin() -> list[bytes]:
        with world.store.read() as connection:
            key = keys.find(connection, client.headers["X-API-Key"].partition(".")[0])
        assert key is not None
        events = await ChangeFeed(world.state(), 3600).follow(key, AlertFilter(), 0)
        return [await anext(events) for _ in range(number + 1)]  # the first is a position alone

    pieces = asyncio.run(begin())[1:]
    return [json.loads(piece.partition(b"data: ")[2]) for piece in pieces]
