import subprocess
import sys

from ewarn.run.deferred import Deferred


def test_what_is_deferred_is_made_when_it_is_first_asked_and_once() -> None:
    made: list[list[int]] = []

    def make() -> list[int]:
        made.append([1, 2])
        return made[-1]

    deferred = Deferred(make)
    assert made == []
    assert (deferred.count(2), deferred.index(2)) == (1, 1)
    assert made == [[1, 2]]


def test_a_command_that_looks_at_the_store_waits_for_no_model_and_no_server() -> None:
    asked = "import sys, ewarn.run.commands.admin; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True)
    loaded = set(done.stdout.split())
    assert not loaded & {"sklearn", "statsmodels", "scipy", "fastapi"}


def test_settings_are_read_without_the_parsers_of_sources() -> None:
    asked = "import sys; from ewarn.run.settings import load; load(); print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True)
    loaded = {name for name in done.stdout.split() if name.startswith("ingest.")}
    assert "ingest.gdelt.options" in loaded
    assert {name.rpartition(".")[2] for name in loaded if name.count(".") > 1} == {"options"}
