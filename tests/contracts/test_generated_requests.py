"""Tests of every operation with the requests that Schemathesis generates for it."""

from pathlib import Path

import pytest

from api.app import create_app
from ewarn.domain.key import SCOPES
from ewarn.store.database.engine import Store
from tests.api.subscribed import subscribe
from tests.api.world import LICENCE, World
from tests.contracts.generated import ENDING, PHASES, Restored, generate, settings_of
from tests.contracts.test_every_route import method_of

EXAMPLES_OF_EACH = 10


@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::ResourceWarning")
def test_no_generated_request_finds_a_fault_and_each_operation_succeeds(
    filled_template: Path, tmp_path: Path
) -> None:
    template, database = tmp_path / "template.db", tmp_path / "world.db"
    template.write_bytes(filled_template.read_bytes())
    prepared = World(Store(f"sqlite:///{template}"))
    key = prepared.key(scopes=frozenset(SCOPES), licences=(LICENCE,))
    subscribe(prepared, key.partition(".")[0])
    prepared.store.dispose()
    database.write_bytes(template.read_bytes())
    store = Store(f"sqlite:///{database}")
    app = create_app(World(store).state())
    found = generate(
        Restored(app, database, template), app.openapi(), settings_of(key, EXAMPLES_OF_EACH)
    )
    store.dispose()
    assert found.errors == []
    assert found.phases >= PHASES
    if found.failures:
        pytest.fail("\n\n".join(f"{where}: {said}" for where, said in found.failures.items()))
    succeeded = {
        label
        for label, statuses in found.statuses.items()
        if any(200 <= status < 300 for status in statuses)
    }
    assert succeeded == {f"{method_of(route)} {route.path_format}" for route in ENDING}
    answered = {status for statuses in found.statuses.values() for status in statuses}
    assert max(answered) < 500
