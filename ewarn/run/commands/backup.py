"""`ewarn backup` and `ewarn restore`: back up a database and restore a backup."""

from importlib.metadata import version
from pathlib import Path
from typing import Annotated

import typer

from ewarn.run import settings
from ewarn.run.clock import wall
from ewarn.run.console import Voice
from ewarn.run.options import Json
from ewarn.store.database.engine import Store
from ewarn.store.maintenance import backups

_STAMP = "%Y%m%dT%H%M%SZ"
_NOT_IN_IT = "It does not contain your settings and the key of protected reports: store them apart."


def back_up(
    to: Annotated[
        Path | None,
        typer.Argument(
            help="File or folder of the backup; default `backups` in the data folder.", metavar="TO"
        ),
    ] = None,
    json: Json = False,
) -> None:
    """Write the whole database to one file and verify it, also while the service runs.

    Example: `ewarn backup /mnt/backups`
    """
    voice = Voice(json=json)
    loaded, now = settings.load(), wall()
    name = f"ewarn-{now:{_STAMP}}.backup"
    to = to or loaded.data_dir / "backups"
    file = to / name if to.is_dir() or to == loaded.data_dir / "backups" else to
    store = Store(loaded.database)
    try:
        manifest = backups.back_up(store, file, now, version("ewarn"))
    finally:
        store.dispose()
    voice.result(
        {"file": str(file), "sha256": manifest.sha256, "revision": manifest.revision}
        | {"rows": {name: table.rows for name, table in manifest.tables.items()}},
        f"{file}: {manifest.rows} rows in {len(manifest.tables)} tables, verified. {_NOT_IN_IT}",
    )


def restore(
    file: Annotated[Path, typer.Argument(help="File of a backup.", metavar="FILE")],
    force: Annotated[
        bool, typer.Option("--force", help="Restore even if the database is not empty.")
    ] = False,
    json: Json = False,
) -> None:
    """Restore a backup into an empty database, and verify that it is complete.

    Example: `ewarn restore ewarn-20260101T000000Z.backup`
    """
    voice = Voice(json=json)
    store = Store(settings.load().database)
    try:
        aside = f"before-{wall():{_STAMP}}"
        manifest, replaced = backups.restore(file, store, force=force, aside=aside)
    finally:
        store.dispose()
    said = f"{manifest.rows} rows of {manifest.made_at} are restored, and every table is verified"
    voice.result(
        {"made_at": manifest.made_at, "revision": manifest.revision, "replaced": replaced}
        | {"rows": {name: table.rows for name, table in manifest.tables.items()}},
        f"{said}; {replaced}" if replaced else said,
    )
