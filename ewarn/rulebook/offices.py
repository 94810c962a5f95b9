"""Offices and their recipients from their YAML text."""

from collections.abc import Iterable
from datetime import time
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from ewarn.domain.recipient import Digest, Pace, QuietHours, Recipient, most_a_day
from ewarn.domain.region import Office
from ewarn.domain.rule import Rule
from ewarn.domain.target import LEVELS, Band
from ewarn.rulebook.located import Fields, Located, read

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


def read_offices(text: str, file: str = "offices.yaml") -> tuple[Office, ...]:
    """The offices of a YAML list; raises SettingsError with file and line."""
    offices: list[Office] = []
    for item in read(text, file).items():
        fields = item.fields(("id", "name", "language", "countries"), _OFFICE_OPTIONAL)
        identity = fields.text("id")
        if any(identity == office.id for office in offices):
            raise item.wrong(f"an office called {identity!r} stands above already")
        offices.append(
            Office(
                id=identity,
                name=fields.text("name"),
                language=fields.text("language"),
                countries=fields.texts("countries"),
                recipients=_recipients(fields, identity),
            )
        )
    return tuple(offices)


def _recipients(office: Fields, owner: str) -> tuple[Recipient, ...]:
    if "recipients" not in office.values:
        return ()
    found: dict[str, Recipient] = {}
    for item in office.values["recipients"].items():
        recipient = _recipient(item, office, owner)
        if recipient.id in found:
            raise item.wrong("this recipient stands above already")
        found[recipient.id] = recipient
    return tuple(found.values())


def _recipient(item: Located, office: Fields, owner: str) -> Recipient:
    """A recipient: its address alone, or a mapping that also says what it wants to hear, and when.

    Written `channel:address`. What is not said is the office's.
    """
    plain = isinstance(item.value, str)
    fields = Fields(item, {"to": item}) if plain else item.fields(("to",), _OPTIONAL)
    channel, _, address = fields.text("to").partition(":")
    if not channel or not address:
        raise fields.values["to"].wrong("a recipient is written channel:address")
    return Recipient(
        id=f"{owner}:{channel}:{address}",
        owner=owner,
        channel=channel,
        address=address,
        language=fields.text("language", office.text("language")),
        countries=fields.texts("countries", office.texts("countries")),
        targets=fields.texts("targets"),
        level=_level(fields),
        at_least=fields.probability("at_least") if "at_least" in fields.values else None,
        tier=fields.whole("tier", 1, least=1),
        pace=_pace(fields, office, channel),
    )


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
    """A time of day. YAML reads an unquoted 18:00 as the number 1080."""
    value = item.value
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 24 * 60:
        return time(value // 60, value % 60)
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
