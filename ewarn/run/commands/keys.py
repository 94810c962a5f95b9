"""`ewarn keys`: create, list, rotate and revoke API keys, and show what partners read."""

import re
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Annotated, Any

import typer

from ewarn.access.keys import issue
from ewarn.domain.key import PARTNER_SCOPES, READ_SCOPES, ApiKey, PartnerLimits
from ewarn.domain.persons import require_role
from ewarn.errors import UsageError
from ewarn.pipeline.delivery.issuing import revoke_key as revoke
from ewarn.pipeline.delivery.issuing import rotate_key as rotate
from ewarn.pipeline.delivery.issuing import store_key, unknown_key
from ewarn.pipeline.service import Service
from ewarn.places.gazetteer import Gazetteer, load_gazetteer
from ewarn.run import settings
from ewarn.run.clock import wall
from ewarn.run.console import Voice
from ewarn.run.options import By, Json, country_codes, day_option
from ewarn.run.wiring import open_service
from ewarn.store.access import keys, partner_reads

keys_app = typer.Typer(
    help="Create, list, rotate and revoke API keys.",
    no_args_is_help=True,
)
OPERATOR = "operator"
Prefix = Annotated[str, typer.Argument(help="Part of the key before the dot.")]
_OVERLAP = re.compile(r"(\d{1,4})([dh])")


@keys_app.command("create")
def create_key(
    name: Annotated[str, typer.Argument(help="The desk that will use the key.")],
    scope: Annotated[
        list[str] | None,
        typer.Option(help="What the key may do; repeatable; default all scopes for reading."),
    ] = None,
    country: Annotated[
        list[str] | None,
        typer.Option(
            help="Country that the key is limited to; repeatable; default all.",
            autocompletion=country_codes,
        ),
    ] = None,
    days: Annotated[
        int | None, typer.Option(min=1, max=36_500, help="Days until the key expires.")
    ] = None,
    licence: Annotated[
        list[str] | None,
        typer.Option(help="Licence of the key, such as `acled` or `office:dakar`; repeatable."),
    ] = None,
    partner: Annotated[
        bool, typer.Option("--partner", help="A partner's key: it only reads, and is audited.")
    ] = False,
    region: Annotated[
        list[str] | None,
        typer.Option(help="Region that a partner's key is limited to; repeatable."),
    ] = None,
    since: Annotated[date | None, day_option("First day that a partner may read.")] = None,
    until: Annotated[date | None, day_option("Last day that a partner may read.")] = None,
    by: By = OPERATOR,
    json: Json = False,
) -> None:
    """Create a key and show it. It cannot be shown again.

    A partner's key needs `--since`, `--until`, `--days`, and countries or regions.

    Example: `ewarn keys create dakar --country TGO --country SEN --days 365`
    """
    countries = country or []
    licences = licence or []
    voice = Voice(json=json)
    if not name.strip():
        raise UsageError("a key needs a name that says which desk will use it")
    name = require_role(name, "the name of a key")
    places = load_gazetteer()
    held = [code if code == "*" else _country(places, code) for code in countries]
    limits = _limits(places, held, region or [], since, until) if partner else None
    if limits is None and (region or since or until):
        raise UsageError("--region, --since and --until are for the key of a partner: --partner")
    if limits is not None and not held:
        held = sorted({_country(places, each) for each in limits.regions})
    scopes = scope or sorted(READ_SCOPES if limits is None else PARTNER_SCOPES)
    held = held or ([] if partner else ["*"])
    now = wall()
    expires_at = now + timedelta(days=days) if days is not None else None
    with open_service(settings.load()) as service:
        _require_stated(service, licences)
        key, text = issue(name, scopes, held, now, expires_at, licences, limits)
        store_key(service.store, key, by)
    voice.say("This key is shown only now and is not stored; keep it safe:")
    said = {"prefix": key.prefix, "scopes": sorted(key.scopes), "licences": sorted(key.licences)}
    voice.result({"key": text, **said}, text)


def _limits(
    places: Gazetteer,
    countries: Sequence[str],
    codes: Sequence[str],
    since: date | None,
    until: date | None,
) -> PartnerLimits:
    """Return the limits of a partner's key.

    Raises:
        UsageError: A day is missing, or regions and countries do not fit together.
    """
    if since is None or until is None:
        raise UsageError("a partner's key needs the days that it may read: --since and --until")
    regions = [places.find(code.upper()) or places.get(code) for code in codes]
    inside = {each.country for each in regions}
    if regions and countries and inside != set(countries):
        raise UsageError(
            "with --region, a partner's key reads these regions only: name regions of each "
            "country, and no others"
        )
    return PartnerLimits(tuple(dict.fromkeys(each.id for each in regions)), since, until)


def _require_stated(service: Service, licences: list[str]) -> None:
    for licence in licences:
        if licence not in service.readers:
            stated = ", ".join(sorted(service.readers)) or "none"
            raise UsageError(
                f"--licence {licence}: no source has this licence; the licences are: {stated}. "
                "They are set with EWARN_ACLED_LICENCE, EWARN_POLECAT_LICENCE, EWARN_KOBO_OFFICE "
                "and EWARN_REPORTS_OFFICE"
            )


def _country(places: Gazetteer, code: str) -> str:
    """Return the alpha-3 code of a country, or of the country of a subdivision."""
    return (places.find(code.upper()) or places.get(code)).country


@keys_app.command("list")
def list_keys(json: Json = False) -> None:
    """Show the keys, without their secrets, and when each was used last (to the hour).

    Example: `ewarn keys list`
    """
    voice = Voice(json=json)
    with open_service(settings.load()) as service, service.store.read() as connection:
        found = keys.every(connection)
        used = keys.last_uses(connection)
    now = wall()
    rows = [_row(key) | {"valid": key.valid_at(now), "used": used[key.prefix]} for key in found]
    if voice.json:
        voice.result({"keys": rows}, "")
        return
    columns = ("prefix", "name", "scopes", "countries", "licences", "days", "expires", "used")
    cells = [[_cell(row[name]) for name in columns] + [row["valid"]] for row in rows]
    voice.table("API keys", (*columns, "valid"), cells)


def _row(key: ApiKey) -> dict[str, Any]:
    limits = key.partner
    return {
        "prefix": key.prefix,
        "name": key.name,
        "scopes": sorted(key.scopes),
        "countries": [*(limits.regions if limits and limits.regions else key.countries)],
        "licences": sorted(key.licences),
        "days": None if limits is None else [limits.since, limits.until],
        "expires": key.expires_at,
    }


def _cell(value: Any) -> str:
    if isinstance(value, list):
        return " ".join(map(str, value))
    return "" if value is None else f"{value:%Y-%m-%d %H:%M}" if hasattr(value, "hour") else value


@keys_app.command("rotate")
def rotate_key(
    prefix: Prefix,
    overlap: Annotated[
        str, typer.Option(help="How long the old key stays valid: `7d`, `12h`.")
    ] = "7d",
    by: By = OPERATOR,
    json: Json = False,
) -> None:
    """Create the successor of a key, with the same rights, and let the old one expire.

    The successor takes over the subscriptions of the old key.

    Example: `ewarn keys rotate ew0123456789ab --overlap 7d`
    """
    voice = Voice(json=json)
    matched = _OVERLAP.fullmatch(overlap)
    if matched is None:
        raise UsageError(f"--overlap {overlap}: write days or hours, such as 7d or 12h")
    number = int(matched[1])
    lasts = timedelta(days=number) if matched[2] == "d" else timedelta(hours=number)
    with open_service(settings.load()) as service:
        old, new, text = rotate(service.store, prefix, lasts, by, wall())
    voice.say(f"{prefix} is valid until {old.expires_at:%Y-%m-%d %H:%M} UTC.")
    voice.say("Its successor is shown only now and is not stored; keep it safe:")
    voice.result({"key": text, "prefix": new.prefix, "expires": new.expires_at}, text)


@keys_app.command("reads")
def list_reads(
    prefix: Prefix,
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="How many, newest first.")] = 50,
    json: Json = False,
) -> None:
    """Show what a partner read with a key, the newest first.

    Example: `ewarn keys reads ew0123456789ab`
    """
    voice = Voice(json=json)
    with open_service(settings.load()) as service, service.store.read() as connection:
        if keys.find(connection, prefix) is None:
            raise unknown_key(prefix)
        found = partner_reads.newest(connection, prefix, limit)
    if voice.json:
        voice.result({"reads": [{"route": each.route, "at": each.at} for each in found]}, "")
        return
    cells = [(f"{each.at:%Y-%m-%d %H:%M:%S}", each.route) for each in found]
    voice.table(f"Requests with {prefix}", ("at", "route"), cells)


@keys_app.command("revoke")
def revoke_key(prefix: Prefix, by: By = OPERATOR, json: Json = False) -> None:
    """Revoke a key.

    Example: `ewarn keys revoke ew0123456789ab`
    """
    voice = Voice(json=json)
    with open_service(settings.load()) as service:
        revoke(service.store, prefix, by, wall())
    voice.result({"revoked": prefix}, f"{prefix} is revoked")
