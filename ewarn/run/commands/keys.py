"""Keys of the API on the command line."""

from datetime import timedelta
from typing import Annotated

import typer

from ewarn.access.keys import issue
from ewarn.domain.key import READ_SCOPES
from ewarn.domain.persons import require_role
from ewarn.errors import UnknownName, UsageError
from ewarn.pipeline.service import Service
from ewarn.places.gazetteer import Gazetteer, load_gazetteer
from ewarn.run import settings
from ewarn.run.clock import wall
from ewarn.run.console import Voice
from ewarn.run.options import Json
from ewarn.run.wiring import open_service
from ewarn.store.access import keys

keys_app = typer.Typer(help="Make, list and revoke API keys.", no_args_is_help=True)


@keys_app.command("create")
def create_key(
    name: Annotated[str, typer.Argument(help="Who will hold it.")],
    scope: Annotated[
        list[str] | None, typer.Option(help="What it may do; default all reading.")
    ] = None,
    country: Annotated[
        list[str] | None, typer.Option(help="Country it is limited to; repeat; default all.")
    ] = None,
    days: Annotated[
        int | None, typer.Option(min=1, max=36_500, help="Days until it expires.")
    ] = None,
    licence: Annotated[
        list[str] | None,
        typer.Option(help="Licence it carries, such as `acled` or `office:dakar`; repeat."),
    ] = None,
    json: Json = False,
) -> None:
    """Make a key and show it, once.

    Example: `ewarn keys create dakar --country TGO --country SEN --days 365`
    """
    scopes = scope or []
    countries = country or ["*"]
    licences = licence or []
    voice = Voice(json=json)
    if not name.strip():
        raise UsageError("a key needs a name that says which desk will hold it")
    name = require_role(name, "the name of a key")
    places = load_gazetteer()
    held = [code if code == "*" else _country(places, code) for code in countries]
    now = wall()
    expires_at = now + timedelta(days=days) if days is not None else None
    with open_service(settings.load()) as service:
        _require_stated(service, licences)
        key, text = issue(name, scopes or sorted(READ_SCOPES), held, now, expires_at, licences)
        with service.store.write() as connection:
            keys.add(connection, key)
    voice.say("This key is shown once and stored nowhere; keep it safe:")
    said = {"prefix": key.prefix, "scopes": sorted(key.scopes), "licences": sorted(key.licences)}
    voice.result({"key": text, **said}, text)


def _require_stated(service: Service, licences: list[str]) -> None:
    for licence in licences:
        if licence not in service.readers:
            stated = ", ".join(sorted(service.readers)) or "none"
            raise UsageError(
                f"--licence {licence}: nothing is read under a licence of this name; there are: "
                f"{stated}. EWARN_ACLED_LICENCE, EWARN_POLECAT_LICENCE and EWARN_KOBO_OFFICE state "
                "them"
            )


def _country(places: Gazetteer, code: str) -> str:
    """Alpha-3 of the country with a code, or of the one a subdivision lies in."""
    return (places.find(code.upper()) or places.get(code)).country


@keys_app.command("list")
def list_keys(json: Json = False) -> None:
    """Show the keys, without their secrets.

    Example: `ewarn keys list`
    """
    voice = Voice(json=json)
    with open_service(settings.load()) as service, service.store.read() as connection:
        found = keys.every(connection)
    now = wall()
    rows = [
        {
            "prefix": key.prefix,
            "name": key.name,
            "scopes": sorted(key.scopes),
            "countries": list(key.countries),
            "licences": sorted(key.licences),
            "valid": key.valid_at(now),
        }
        for key in found
    ]
    if voice.json:
        voice.result({"keys": rows}, "")
        return
    cells = (
        (
            row["prefix"],
            row["name"],
            " ".join(key.scopes),
            " ".join(key.countries),
            " ".join(sorted(key.licences)),
            row["valid"],
        )
        for row, key in zip(rows, found, strict=True)
    )
    columns = ("prefix", "name", "scopes", "countries", "licences", "valid")
    voice.table("API keys", columns, cells)


@keys_app.command("revoke")
def revoke_key(
    prefix: Annotated[str, typer.Argument(help="The part before the dot.")], json: Json = False
) -> None:
    """Revoke a key.

    Example: `ewarn keys revoke ew0123456789ab`
    """
    voice = Voice(json=json)
    with open_service(settings.load()) as service, service.store.write() as connection:
        if not keys.revoke(connection, prefix, wall()):
            raise UnknownName(f"no valid key has the prefix {prefix!r}; see `ewarn keys list`")
    voice.result({"revoked": prefix}, f"{prefix} is revoked")
