"""Reader of the YAML file of offices and their recipients."""

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from datetime import time
from typing import Annotated, Any, Self

from pydantic import AfterValidator, BeforeValidator, ValidationInfo, model_validator

from ewarn.domain.key import EVERYWHERE
from ewarn.domain.recipient import Digest, Pace, QuietHours, Recipient, most_a_day
from ewarn.domain.region import Office
from ewarn.domain.rule import Rule
from ewarn.domain.source import LICENCES
from ewarn.domain.target import LEVELS, SERVED_TARGETS, Band
from ewarn.domain.time import parse_clock, require_zone
from ewarn.errors import SettingsError
from ewarn.files.fields import Fields, Probability, Role, Text, one_of, read_fields, whole, wrong
from ewarn.files.located import read
from ewarn.languages.catalogues import LANGUAGES


@dataclass(frozen=True, slots=True)
class OfficeChecks:
    """What offices are checked against.

    `countries` are the known countries (alpha-3) and `channels` the known channels; None allows
    any. `address` checks an address of a channel and raises ValueError.
    """

    countries: Collection[str] | None = None
    channels: Collection[str] | None = None
    address: Callable[[str, str], None] = lambda _channel, _address: None


NO_CHECKS = OfficeChecks()


def _several(countries: tuple[str, ...]) -> tuple[str, ...]:
    if not countries or len(set(countries)) < len(countries):
        raise ValueError("'countries' must name at least one country, and none twice")
    return countries


def _country(name: str, info: ValidationInfo[OfficeChecks]) -> str:
    checks = info.context
    if checks.countries is not None and name not in ("*", *checks.countries):
        raise ValueError(f"{name!r} is not a country; write its alpha-3 code, such as TGO")
    return name


def _destination(written: str, info: ValidationInfo[OfficeChecks]) -> str:
    checks = info.context
    channel, _, address = written.partition(":")
    if not channel or not address:
        raise ValueError("a recipient is written channel:address")
    if checks.channels is not None and channel not in checks.channels:
        known = ", ".join(sorted(checks.channels))
        raise ValueError(f"{channel!r} is not a channel; the channels are {known}")
    checks.address(channel, address)
    return written


_Countries = Annotated[
    tuple[Annotated[Text, AfterValidator(_country)], ...], AfterValidator(_several)
]
_Language = Annotated[str, one_of(LANGUAGES, "a language here")]
_Clock = Annotated[time, BeforeValidator(lambda text: parse_clock(str(text)))]
_Zone = Annotated[str, AfterValidator(require_zone)]


class _RecipientFields(Fields):
    """The fields of a recipient, which is written as `channel:address` or as a mapping.

    The mapping also states what the recipient is notified of and when. Language, countries and time
    zone that are not stated are those of the office.
    """

    to: Annotated[Text, AfterValidator(_destination)]
    language: _Language | None = None
    countries: _Countries | None = None
    targets: tuple[Annotated[str, one_of(SERVED_TARGETS, "a target that is served")], ...] = ()
    level: Annotated[Band, one_of(LEVELS, "a level")] = Band.UNCALIBRATED
    at_least: Probability | None = None
    tier: Annotated[int, whole(1, 100)] = 1
    digest: Annotated[Digest, one_of(tuple(Digest), "a digest")] | None = None
    digest_at: _Clock = Pace().digest_at
    quiet: Text | None = None
    zone: _Zone | None = None
    most_a_day: Annotated[int, whole(1, 1000)] | None = None
    repeat_days: Annotated[int, whole(0, 366)] = Pace().repeat_days or 0
    licences: tuple[Annotated[str, one_of(LICENCES, "a licence that can be stated")], ...] = ()

    @model_validator(mode="before")
    @classmethod
    def _address_alone(cls, value: Any) -> Any:
        return {"to": value} if isinstance(value, str) else value

    @model_validator(mode="after")
    def _is_quiet_for_a_while(self) -> Self:
        try:
            self.quiet_hours("UTC")
        except ValueError as error:
            raise wrong("quiet", str(error)) from None
        return self

    def quiet_hours(self, zone: str) -> QuietHours | None:
        """Return the hours of a time zone in which the recipient is not notified, or None."""
        if self.quiet is None:
            return None
        begins, _, ends = self.quiet.partition("-")
        return QuietHours(parse_clock(begins.strip()), parse_clock(ends.strip()), zone)


class _OfficeFields(Fields):
    id: Role
    name: Role
    language: _Language
    countries: _Countries
    recipients: tuple[_RecipientFields, ...] = ()
    zone: _Zone = "UTC"


def read_offices(
    text: str, file: str = "offices.yaml", checks: OfficeChecks = NO_CHECKS
) -> tuple[Office, ...]:
    """Read the offices of a YAML list.

    Raises:
        SettingsError: If the text is wrong, with file and line.
    """
    offices: list[Office] = []
    for item in read(text, file).items():
        said = read_fields(item, _OfficeFields, checks)
        if any(said.id == office.id for office in offices):
            raise item.wrong(f"an office called {said.id!r} is already defined above")
        recipients = tuple(_recipient(recipient, said) for recipient in said.recipients)
        ids = [recipient.id for recipient in recipients]
        for position, id_ in enumerate(ids):
            if id_ in ids[:position]:
                at = item.at(("recipients", position))
                raise at.wrong("this recipient is already defined above")
        offices.append(Office(said.id, said.name, said.language, said.countries, recipients))
    return tuple(offices)


def _recipient(said: _RecipientFields, office: _OfficeFields) -> Recipient:
    channel, _, address = said.to.partition(":")
    zone = said.zone or office.zone
    return Recipient(
        id=f"{office.id}:{channel}:{address}",
        owner=office.id,
        channel=channel,
        address=address,
        language=said.language or office.language,
        countries=said.countries or office.countries,
        targets=said.targets,
        level=said.level,
        at_least=said.at_least,
        tier=said.tier,
        pace=Pace(
            digest=said.digest,
            digest_at=said.digest_at,
            zone=zone,
            quiet=said.quiet_hours(zone),
            most_a_day=said.most_a_day or most_a_day(channel),
            repeat_days=said.repeat_days or None,
        ),
        licences=said.licences,
    )


def check_offices(rules: Iterable[Rule], offices: Iterable[Office]) -> None:
    """Check that every office that a rule names is defined.

    Raises:
        SettingsError: One is not; the text names the file and line of the rule.
    """
    known = {EVERYWHERE, *(office.id for office in offices)}
    for rule in rules:
        for name in rule.offices:
            if name not in known:
                raise SettingsError(
                    f"{rule.stands_at}: rule {rule.id!r} names the office {name!r}, which "
                    "offices.yaml does not define"
                )
