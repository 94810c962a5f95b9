"""Offices and their recipients from their YAML text."""

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from datetime import time
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from ewarn.domain.recipient import Digest, Pace, QuietHours, Recipient, most_a_day
from ewarn.domain.region import Office
from ewarn.domain.rule import Rule
from ewarn.domain.target import LEVELS, SERVED_TARGETS, Band
from ewarn.files.located import Fields, Located, read

_OPTIONAL = (
    "language",
    "countries",
    "targets",
    "level",
    "at_least",
    "tier",
    "digest",
    "digest_at",
    "quiet",
    "zone",
    "most_a_day",
    "repeat_days",
)
_OFFICE_OPTIONAL = ("recipients", "zone")


@dataclass(frozen=True, slots=True)
class OfficeChecks:
    """What offices are held against: the countries there are (alpha-3; None: any), the channels
    there are (None: any), and a check of the address of a channel, which raises ValueError."""

    countries: Collection[str] | None = None
    channels: Collection[str] | None = None
    address: Callable[[str, str], None] = lambda _channel, _address: None


NO_CHECKS = OfficeChecks()


def read_offices(
    text: str, file: str = "offices.yaml", checks: OfficeChecks = NO_CHECKS
) -> tuple[Office, ...]:
    """The offices of a YAML list; raises SettingsError with file and line."""
    offices: list[Office] = []
    for item in read(text, file).items():
        fields = item.fields(("id", "name", "language", "countries"), _OFFICE_OPTIONAL)
        identity = fields.role("id")
        if any(identity == office.id for office in offices):
            raise item.wrong(f"an office called {identity!r} stands above already")
        offices.append(
            Office(
                id=identity,
                name=fields.role("name"),
                language=fields.text("language"),
                countries=_countries(fields, checks),
                recipients=_recipients(fields, identity, checks),
            )
        )
    return tuple(offices)


def _countries(
    fields: Fields, checks: OfficeChecks, default: tuple[str, ...] = ()
) -> tuple[str, ...]:
    if "countries" not in fields.values:
        return default
    for item in fields.values["countries"].items():
        known = checks.countries is None or item.value in ("*", *checks.countries)
        if isinstance(item.value, str) and not known:
            raise item.wrong(
                f"{item.value!r} is not a country; write its alpha-3 code, such as TGO"
            )
    return fields.texts("countries")


def _recipients(office: Fields, owner: str, checks: OfficeChecks) -> tuple[Recipient, ...]:
    if "recipients" not in office.values:
        return ()
    found: dict[str, Recipient] = {}
    for item in office.values["recipients"].items():
        recipient = _recipient(item, office, owner, checks)
        if recipient.id in found:
            raise item.wrong("this recipient stands above already")
        found[recipient.id] = recipient
    return tuple(found.values())


def _recipient(item: Located, office: Fields, owner: str, checks: OfficeChecks) -> Recipient:
    """A recipient: its address alone, or a mapping that also says what it wants to hear, and when.

    Written `channel:address`. What is not said is the office's.
    """
    plain = isinstance(item.value, str)
    fields = Fields(item, {"to": item}) if plain else item.fields(("to",), _OPTIONAL)
    channel, _, address = fields.text("to").partition(":")
    if not channel or not address:
        raise fields.values["to"].wrong("a recipient is written channel:address")
    if checks.channels is not None and channel not in checks.channels:
        known = ", ".join(sorted(checks.channels))
        raise fields.values["to"].wrong(f"{channel!r} is not a channel; the channels are {known}")
    try:
        checks.address(channel, address)
    except ValueError as error:
        raise fields.values["to"].wrong(str(error)) from None
    return Recipient(
        id=f"{owner}:{channel}:{address}",
        owner=owner,
        channel=channel,
        address=address,
        language=fields.text("language", office.text("language")),
        countries=_countries(fields, checks, office.texts("countries")),
        targets=_targets(fields),
        level=_level(fields),
        at_least=fields.probability("at_least") if "at_least" in fields.values else None,
        tier=fields.whole("tier", 1, least=1),
        pace=_pace(fields, office, channel),
    )


def _targets(fields: Fields) -> tuple[str, ...]:
    for item in fields.values["targets"].items() if "targets" in fields.values else ():
        if item.value not in SERVED_TARGETS:
            known = ", ".join(SERVED_TARGETS)
            raise item.wrong(f"{item.value!r} is not a target that is served; use {known}")
    return fields.texts("targets")


def _level(fields: Fields) -> Band:
    named = fields.text("level", Band.UNCALIBRATED)
    if named not in (Band.UNCALIBRATED, *LEVELS):
        known = ", ".join(LEVELS)
        raise fields.values["level"].wrong(f"{named!r} is not a level; use one of {known}")
    return Band(named)


def _pace(fields: Fields, office: Fields, channel: str) -> Pace:
    zone = _zone(fields if "zone" in fields.values else office)
    usual = Pace()
    return Pace(
        digest=_digest(fields),
        digest_at=_clock(fields.values["digest_at"]) if "digest_at" in fields.values else time(8),
        zone=zone,
        quiet=_quiet(fields.values["quiet"], zone) if "quiet" in fields.values else None,
        most_a_day=(
            fields.whole("most_a_day", least=1)
            if "most_a_day" in fields.values
            else most_a_day(channel)
        ),
        repeat_days=fields.whole("repeat_days", usual.repeat_days) or None,
    )


def _zone(fields: Fields) -> str:
    name = fields.text("zone", "UTC")
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        raise fields.values["zone"].wrong(
            f"{name!r} is not a time zone; write one such as Africa/Dakar"
        ) from None
    return name


def _digest(fields: Fields) -> Digest | None:
    if "digest" not in fields.values:
        return None
    named = fields.text("digest")
    if named not in tuple(Digest):
        raise fields.values["digest"].wrong(f"'digest' is {' or '.join(Digest)}, not {named!r}")
    return Digest(named)


def _quiet(item: Located, zone: str) -> QuietHours:
    begins, _, ends = str(item.value).partition("-")
    return QuietHours(
        _clock(Located(begins, item.file, item.line)),
        _clock(Located(ends, item.file, item.line)),
        zone,
    )


def _clock(item: Located) -> time:
    value = item.value
    try:
        return time.fromisoformat(str(value).strip())
    except ValueError:
        raise item.wrong(f"{value!r} is not a time of day; write it as 18:00") from None


def check_offices(rules: Iterable[Rule], offices: Iterable[Office]) -> list[str]:
    """Offices that rules name and nobody defined, as sentences."""
    known = {office.id for office in offices}
    return [
        f"rule {rule.id!r} names the office {name!r}, which offices.yaml does not define"
        for rule in rules
        for name in rule.offices
        if name != "*" and name not in known
    ]
