"""The commands backup and restore: names, options and help."""

from pathlib import Path
from typing import Annotated

import typer

from ewarn.run.cli_groups import Json
from ewarn.run.console import Voice


def backup(
    to: Annotated[
        Path | None,
        typer.Argument(help="File or folder; default `backups` in the data folder.", metavar="TO"),
    ] = None,
    json: Json = False,
) -> None:
    """Write the whole database to one file, while the service runs, and read it back.

    Example: `ewarn backup /mnt/backups`
    """
    from ewarn.run.commands.backup import back_up as run

    run(to, voice=Voice(json=json))


def restore(
    file: Annotated[Path, typer.Argument(help="A backup.", metavar="FILE")],
    force: Annotated[
        bool, typer.Option("--force", help="Also where the database is not empty.")
    ] = False,
    json: Json = False,
) -> None:
    """Restore a backup into an empty database, and prove that it is all there.

    Example: `ewarn restore ewarn-20260101T000000Z.backup`
    """
    from ewarn.run.commands.backup import restore as run

    run(file, force=force, voice=Voice(json=json))
