"""`ewarn datasets`: list data sets, and fetch them from their publishers on request."""

import contextlib
import os
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from ewarn.domain.source import Health, Payload
from ewarn.errors import InputError, SourceRefused, UnknownName
from ewarn.pipeline.intake.intake import IngestReport, take_in
from ewarn.places.gazetteer import load_gazetteer
from ewarn.places.pcodes import FILE as PCODES_FILE
from ewarn.places.pcodes import read_pcodes, summary
from ewarn.run import settings
from ewarn.run.clock import wall
from ewarn.run.commands.data import counts_of, say_rejected, sentence_of
from ewarn.run.console import Voice
from ewarn.run.options import Json
from ewarn.run.settings import Settings
from ewarn.run.wiring import open_service, open_web
from ewarn.store.intake import newest_runs
from ingest.mass_mobilization.rows import NAME as MASS_MOBILIZATION
from ingest.shared import hdx

datasets_app = typer.Typer(help="List and fetch data sets.", no_args_is_help=True)

PCODES = "pcodes"


@dataclass(frozen=True, slots=True)
class Dataset:
    """A data set that can be fetched, with its licence and URL."""

    title: str
    licence: str
    url: str
    fetch: Callable[[Settings, Voice], None]
    fetched_at: Callable[[Settings], datetime | None]


@datasets_app.command("list")
def list_datasets(json: Json = False) -> None:
    """Show the data sets that can be fetched from their publishers.

    Example: `ewarn datasets list`
    """
    voice = Voice(json=json)
    loaded = settings.load()
    rows = [
        {
            "name": name,
            "title": dataset.title,
            "licence": dataset.licence,
            "url": dataset.url,
            "fetched_at": dataset.fetched_at(loaded),
        }
        for name, dataset in DATASETS.items()
    ]
    if voice.json:
        voice.result({"datasets": rows}, "")
    else:
        voice.table("Data sets", list(rows[0]), (row.values() for row in rows))


@datasets_app.command("fetch")
def fetch(
    name: Annotated[str, typer.Argument(help="A name from `ewarn datasets list`.")],
    json: Json = False,
) -> None:
    """Fetch a data set from its publisher and store it.

    Example: `ewarn datasets fetch mass-mobilization`
    """
    voice = Voice(json=json)
    if name not in DATASETS:
        raise UnknownName(f"there is no data set {name!r}; there are {', '.join(DATASETS)}")
    DATASETS[name].fetch(settings.load(), voice)


def _fetch_mass_mobilization(loaded: Settings, voice: Voice) -> None:
    """Fetch and read it like any source. Fetching it a second time changes nothing."""
    now = wall()
    only = loaded.model_copy(update={"sources": (MASS_MOBILIZATION,)})
    with open_service(only) as service, voice.progress(MASS_MOBILIZATION, 2) as steps:
        source = service.sources[MASS_MOBILIZATION]
        payload = next(iter(source.fetch(None, now)))
        if not isinstance(payload, Payload):
            raise SourceRefused(payload.reason)
        steps.done("reading")
        report = take_in(service, source, payload, now)
        steps.done("read")
    _say(report, payload.name, voice)


def _say(report: IngestReport, file: str, voice: Voice) -> None:
    say_rejected(voice, report.rejected)
    for note in report.notes:
        voice.say(f"note: {note}")
    if report.health is not Health.OK:
        voice.say(f"{report.health.value}: {report.reason}")
    counts = {"dataset": report.source, "file": file} | counts_of(report)
    voice.result(counts | {"health": report.health}, f"{file}: {sentence_of(report)}")


def _mass_mobilization_fetched_at(loaded: Settings) -> datetime | None:
    with open_service(loaded) as service, service.store.read() as connection:
        good = newest_runs.latest_successes(connection, wall()).get(MASS_MOBILIZATION)
    return good.recorded_at if good else None


def _fetch_pcodes(loaded: Settings, voice: Voice) -> None:
    """Fetch the list of P-codes into the data folder, completely or not at all."""
    with open_web() as web, voice.progress(PCODES, 1) as steps:
        body = hdx.fetch_pcodes(web, loaded.pcodes_url)
        steps.done("fetched")
    pcodes = read_pcodes(body, load_gazetteer())
    if not pcodes.regions:
        raise InputError("the fetched list of P-codes matches no subdivision; nothing is stored")
    path = loaded.data_dir / PCODES_FILE
    is_new = not path.exists() or path.read_bytes() != body
    if is_new:
        _replace(path, body)
    voice.say(summary(pcodes))
    counts = {"codes": len(pcodes.regions), "without_region": len(pcodes.unmatched)}
    voice.result(
        {"dataset": PCODES, "file": str(path), "unchanged": not is_new} | counts,
        f"{path}: {'stored' if is_new else 'unchanged'}",
    )


def _replace(path: Path, body: bytes) -> None:
    """Replace a file atomically. Raises InputError if it cannot be written."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, beside = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(body)
                file.flush()
                os.fsync(file.fileno())
            Path(beside).replace(path)
        except OSError:
            with contextlib.suppress(OSError):
                Path(beside).unlink()
            raise
    except OSError as error:
        raise InputError(f"{path} cannot be written: {error.strerror}; check the folder") from None


def _pcodes_fetched_at(loaded: Settings) -> datetime | None:
    path = loaded.data_dir / PCODES_FILE
    return datetime.fromtimestamp(path.stat().st_mtime, UTC) if path.exists() else None


DATASETS: dict[str, Dataset] = {
    MASS_MOBILIZATION: Dataset(
        title="protests against governments and their responses, 1990-2020",
        licence="CC0 1.0",
        url="https://doi.org/10.7910/DVN/HTTWYL",
        fetch=_fetch_mass_mobilization,
        fetched_at=_mass_mobilization_fetched_at,
    ),
    PCODES: Dataset(
        title="OCHA's codes of the world's subdivisions",
        licence="CC BY 3.0 IGO",
        url="https://data.humdata.org/dataset/global-pcodes",
        fetch=_fetch_pcodes,
        fetched_at=_pcodes_fetched_at,
    ),
}
