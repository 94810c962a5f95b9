"""Requests that Schemathesis generates from the OpenAPI document, against an app in this process.

The document gets the ids and bodies of the invented world as examples, so that each operation can
succeed. The world is put back before each write, so that a write never depends on those before it;
only the stateful phase, whose requests follow one another, keeps what was written.
"""

import copy
import json
import re
import sqlite3
from collections import Counter
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import schemathesis
from fastapi import FastAPI
from schemathesis.engine import Status, events, from_schema
from schemathesis.engine.recorder import ScenarioRecorder
from schemathesis.engine.run import PhaseName
from starlette.types import Receive, Scope, Send

from tests.api.world import NOW, PUSH_SECRET
from tests.contracts.test_every_route import (
    BODIES,
    DOCUMENTED,
    ENDLESS,
    EXAMPLES,
    FILES,
    HEADERS,
    method_of,
)

# What a schema cannot say, or what is said in words instead. A request that its schema allows may
# be refused for one of these reasons, and for no other.
IN_WORDS = re.compile(
    "|".join(
        (
            "cannot be written|is not text",  # control characters, halves of characters, tags
            "one line, without tabs",
            "at least 1 (item|character)",  # a text that is blank once it is trimmed
            "is not a(n ISO 8601)? (day|month)",  # a leap second, a day with the zone of another
            "in the years|before 1900",
            "or up to a year later|is in the past|is in the future|is after|is before",
            "without any, the silence would suppress all",
            "is not allowed here",  # a field report: its errors repeat nothing
            "a webhook's address is",
            "is empty: give it a value",  # `?country=`, a list without items
            "has no row of tags",  # `hxl` in a format without rows
            "is given more than once",  # equal once composed and trimmed
            "or UTC$",  # no time zone
            r"^rules(, line \d+: | is empty|: this is not YAML)|^holds no rule$",  # no rules
            "a trial covers at most",
            "a valid integer",  # an id that an answer gave, of a row without a score: null
        )
    )
)
TODAY = NOW.date().isoformat()  # the world was empty on the day that the document shows
ENDING = [route for route in DOCUMENTED if route.path != ENDLESS]  # whose answers end
PHASES = {PhaseName.EXAMPLES, PhaseName.COVERAGE, PhaseName.FUZZING, PhaseName.STATEFUL_TESTING}


@dataclass
class Found:
    """What came of the generated requests.

    Attributes:
        statuses: How often each status was answered, by operation.
        failures: Each kind of failure, with one request that shows it.
        errors: What kept Schemathesis from testing an operation.
        phases: The phases that ran.
    """

    statuses: dict[str, Counter[int]] = field(default_factory=dict)
    failures: dict[tuple[str, str], str] = field(default_factory=dict)
    errors: list[str] = field(default_factory=list)
    phases: set[PhaseName] = field(default_factory=set)


class Restored:
    """An app whose database is put back before each write, as long as `is_on`."""

    def __init__(self, app: FastAPI, database: Path, template: Path) -> None:
        self.is_on = True
        self._app = app
        self._database = database
        self._template = template

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if self.is_on and scope["type"] == "http" and scope["method"] == "POST":
            self._restore()
        await self._app(scope, receive, send)

    def _restore(self) -> None:
        with (
            closing(sqlite3.connect(self._template)) as source,
            closing(sqlite3.connect(self._database)) as target,
        ):
            source.backup(target)


def seeded(document: dict[str, Any]) -> dict[str, Any]:
    """Return an OpenAPI document whose examples are things of the invented world."""
    made = copy.deepcopy(document)
    del made["paths"][ENDLESS]
    for route in ENDING:
        operation = made["paths"][route.path_format][method_of(route).lower()]
        ids = _ids(route.path)
        # It narrows records, which the schema of a whole record cannot say.
        del operation["responses"]["default"]  # every status that is answered must be named
        asked = operation.get("parameters", ())
        operation["parameters"] = [each for each in asked if each["name"] != "fields"]
        for parameter in operation.get("parameters", ()):
            known = HEADERS | {"as_of": TODAY} | ids
            if parameter["name"] in known:
                parameter["schema"].pop("examples", None)
                parameter["example"] = known[parameter["name"]]
        content = operation.get("requestBody", {}).get("content", {})
        if route.path in BODIES and "application/json" in content:
            content["application/json"]["example"] = BODIES[route.path]
        if route.path in FILES:
            content["text/csv"]["example"] = FILES[route.path].decode()
    return made


def _ids(path: str) -> dict[str, str]:
    """Return the ids in the example of a path, by the names of its parameters."""
    pattern = re.sub(r"{(\w+)(:path)?}", lambda m: f"(?P<{m[1]}>{'.+' if m[2] else '[^/]+'})", path)
    found = re.fullmatch(pattern, EXAMPLES.get(path, path))
    return found.groupdict() if found else {}


def settings_of(key: str, examples: int) -> schemathesis.Config:
    """Return the settings: every phase and check, and the same requests each time."""
    keys = {"APIKeyHeader": {"api_key": key}, "PushSecret": {"api_key": PUSH_SECRET}}
    refusals = ["2xx", "3xx", "400", "401", "403", "404", "409", "413", "429", "503"]
    return schemathesis.Config.from_dict(
        {
            "seed": 20_200_302,
            "workers": 1,
            "continue-on-failure": True,
            "auth": {"openapi": keys},
            "generation": {
                "deterministic": True,
                "max-examples": examples,
                "database": "none",
                "no-shrink": True,
            },
            "phases": {  # ids in answers are random, and would make other requests each time
                phase: {"extra-data-sources": {"responses": False}}
                for phase in ("examples", "coverage", "fuzzing")
            },
            "checks": {"positive_data_acceptance": {"expected-statuses": refusals}},
            "operations": [
                {  # `GET` asks there for the thing with that id, as the header says
                    "include-path": path,
                    "checks": {"allow_header_conformance": {"enabled": False}},
                }
                for path in (
                    "/v1/recommendations/import",
                    "/v1/rules/dry-run",
                    "/v1/rules/trial",
                )
            ],
        }
    )


def generate(app: Restored, document: dict[str, Any], config: schemathesis.Config) -> Found:
    """Send the requests of all phases and return what came of them."""
    schema = schemathesis.openapi.from_dict(seeded(document), config=config)
    schema.app = app
    found = Found()
    for event in from_schema(schema).execute():
        if isinstance(event, events.PhaseStarted):
            app.is_on = event.phase.name is not PhaseName.STATEFUL_TESTING
        elif isinstance(event, events.PhaseFinished) and event.status is not Status.SKIP:
            found.phases.add(event.phase.name)
        elif isinstance(event, events.NonFatalError):
            found.errors.append(f"{event.label}: {event.info.message}")
        elif isinstance(event, events.FatalError):
            raise event.exception
        elif isinstance(event, events.ScenarioFinished):
            _note(found, event.recorder)
    return found


def _note(found: Found, recorder: ScenarioRecorder) -> None:
    for id_, interaction in recorder.interactions.items():
        if interaction.response is not None:
            label = recorder.cases[id_].value.operation.label
            found.statuses.setdefault(label, Counter())[interaction.response.status_code] += 1
    for id_, checks in recorder.checks.items():
        label = recorder.cases[id_].value.operation.label
        response = recorder.interactions[id_].response
        for check in checks:
            if check.failure_info is None:
                continue
            body = b"" if response is None else response.content
            if check.name == "positive_data_acceptance" and _is_said_in_words(body):
                continue
            failed = check.failure_info
            shown = f"{failed.failure}\n{failed.code_sample[:900]}\n{body[:600]!r}"
            found.failures.setdefault((label, check.name), shown)


def _is_said_in_words(body: bytes) -> bool:
    errors = json.loads(body).get("errors", ())
    return bool(errors) and all(IN_WORDS.search(each["detail"]) for each in errors)
