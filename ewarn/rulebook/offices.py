"""Offices and their recipients from their YAML text."""

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass

from ewarn.domain.recipient import Digest, Pace, QuietHours, Recipient, most_a_day
from ewarn.domain.region import Office
from ewarn.domain.rule import Rule
from ewarn.domain.source import LICENCES
from ewarn.domain.target import LEVELS, SERVED_TARGETS, Band
from ewarn.domain.text import LANGUAGES
from ewarn.domain.time import parse_clock, require_zone
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
    "licences",
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
                language=_language(fields),
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
    named = fields.texts("countries")
    if not named or len(set(named)) < len(named):
        raise fields.values["countries"].wrong("'countries' names at least one, and none twice")
    return named


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
        language=_language(fields if "language" in fields.values else office),
        countries=_countries(fields, checks, office.texts("countries")),
        targets=_targets(fields),
        level=_level(fields),
        at_least=fields.probability("at_least") if "at_least" in fields.values else None,
        tier=fields.whole("tier", 1, least=1, most=100),
        pace=_pace(fields, office, channel),
        licences=_licences(fields),
    )


def _licences(fields: Fields) -> tuple[str, ...]:
    for item in fields.values["licences"].items() if "licences" in fields.values else ():
        if item.value not in LICENCES:
            known = ", ".join(LICENCES)
            raise item.wrong(f"{item.value!r} is not a licence that can be stated; use {known}")
    return fields.texts("licences")


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
        digest_at=fields.checked("digest_at", parse_clock)
        if "digest_at" in fields.values
        else usual.digest_at,
        zone=zone,
        quiet=_quiet(fields, zone) if "quiet" in fields.values else None,
        most_a_day=(
            fields.whole("most_a_day", least=1, most=1000)
            if "most_a_day" in fields.values
            else most_a_day(channel)
        ),
        repeat_days=fields.whole("repeat_days", usual.repeat_days, most=366) or None,
    )


def _language(fields: Fields) -> str:
    named = fields.text("language")
    if named not in LANGUAGES:
        known = ", ".join(LANGUAGES)
        raise fields.values["language"].wrong(f"{named!r} is not a language here; use {known}")
    return named


def _zone(fields: Fields) -> str:
    return fields.checked("zone", require_zone) if "zone" in fields.values else "UTC"


def _digest(fields: Fields) -> Digest | None:
    if "digest" not in fields.values:
        return None
    named = fields.text("digest")
    if named not in tuple(Digest):
        raise fields.values["digest"].wrong(f"'digest' is {' or '.join(Digest)}, not {named!r}")
    return Digest(named)


def _quiet(fields: Fields, zone: str) -> QuietHours:
    def hours(text: str) -> QuietHours:
        begins, _, ends = text.partition("-")
        return QuietHours(parse_clock(begins.strip()), parse_clock(ends.strip()), zone)

    return fields.checked("quiet", hours)


def check_offices(rules: Iterable[Rule], offices: Iterable[Office]) -> list[str]:
    """Offices that rules name and nobody defined, as sentences."""
    known = {office.id for office in offices}
    return [
        f"rule {rule.id!r} names the office {name!r}, which offices.yaml does not define"
        for rule in rules
        for name in rule.offices
        if name != "*" and name not in known
    ]
