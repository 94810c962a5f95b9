"""Event kinds, and the signals that events count in."""

from collections.abc import Collection
from enum import StrEnum


class EventKind(StrEnum):
    """What happened: one of the ten kinds that the service tracks."""

    PROTEST = "protest"  # demonstration, peaceful or unspecified
    RIOT = "riot"  # violent demonstration, mob violence
    STRIKE = "strike"  # strike, stay-away
    ARREST = "arrest"  # of demonstrators, opposition, journalists, defenders
    FORCE = "force"  # against demonstrators
    ATTACK = "attack"  # violence against civilians outside demonstrations
    CLASH = "clash"  # armed clash
    RESTRICTION = "restriction"  # ban, curfew, state of emergency, shutdown
    ELECTION = "election"  # election incident
    DIALOGUE = "dialogue"  # talks, mediation, release: the de-escalating kind


LETHAL = "lethal"
AROUND = "around"  # the driver of neighbours, world and calendar, which is no kind of event
LETHAL_TAGS = frozenset({"response:shooting", "response:killing"})

# Tag and flag of an attack on civilians by forces of a state. Which state is not stored.
BY_STATE_TAG = "actor:state"
BY_STATE = "state"

# Beginning of a tag `deaths:12`: the best estimate of deaths, if it is not the lower estimate.
BEST_DEATHS = "deaths:"

# Tag of an announced assembly. It is no event yet and counts in no series. To publish it could harm
# those who will go.
PLANNED = "planned"

# An `election` event with a tag `calendar:...` is an entry of a calendar. Only these entries are
# incidents; a vote that is announced, due or held is no incident, and counts in no series.
CALENDAR = "calendar:"
CALENDAR_INCIDENTS = frozenset(
    f"{CALENDAR}{what}" for what in ("postponed", "deadline-missed", "annulled", "voided")
)

# Weights of one event in the `escalation` sum. A protest has no weight: assembly is not harm.
ESCALATION_WEIGHTS: dict[EventKind, int] = {
    EventKind.ATTACK: 5,
    EventKind.FORCE: 3,
    EventKind.ARREST: 2,
    EventKind.RESTRICTION: 2,
}
ESCALATION_WEIGHT_LETHAL = 10


def is_lethal(kind: EventKind, fatalities_low: int | None, tags: Collection[str]) -> bool:
    """Return whether an event is `force` that killed, or that has a tag of shooting or killing."""
    if kind is not EventKind.FORCE:
        return False
    return (fatalities_low or 0) >= 1 or not LETHAL_TAGS.isdisjoint(tags)


def is_killing_by_state(kind: EventKind, fatalities_low: int | None, tags: Collection[str]) -> bool:
    """Return whether an event is a deadly attack on civilians by forces of a state."""
    return kind is EventKind.ATTACK and BY_STATE_TAG in tags and (fatalities_low or 0) >= 1


def deaths_of(fatalities_low: int | None, tags: Collection[str]) -> int:
    """Return the best estimate of an event's deaths; without one, the lower estimate."""
    for tag in tags:
        number = tag.removeprefix(BEST_DEATHS)
        if number != tag and number.isascii() and number.isdigit():
            return int(number)
    return fatalities_low or 0


def signal(source: str, kind: EventKind, flag: str | None = None) -> str:
    """Return the name of a count series, `source:kind[:flag]`."""
    return f"{source}:{kind.value}" if flag is None else f"{source}:{kind.value}:{flag}"


def signals_of(
    source: str, kind: EventKind, fatalities_low: int | None, tags: Collection[str]
) -> tuple[str, ...]:
    """Return the signals that one event adds one to: its kind, and its flag if it has one.

    A mere entry of the calendar and an announced assembly have none.
    """
    if PLANNED in tags:
        return ()
    if kind is EventKind.ELECTION and _is_only_an_entry(tags):
        return ()
    plain = signal(source, kind)
    if is_lethal(kind, fatalities_low, tags):
        return (plain, signal(source, kind, LETHAL))
    if is_killing_by_state(kind, fatalities_low, tags):
        return (plain, signal(source, kind, BY_STATE))
    return (plain,)


def _is_only_an_entry(tags: Collection[str]) -> bool:
    entries = {tag for tag in tags if tag.startswith(CALENDAR)}
    return bool(entries) and entries.isdisjoint(CALENDAR_INCIDENTS)


def outcome_signals(source: str) -> tuple[str, ...]:
    """Return the signals of a source that is used for outcomes only.

    These are force, lethal force, and killings of civilians by forces of a state.
    """
    return (
        signal(source, EventKind.FORCE),
        signal(source, EventKind.FORCE, LETHAL),
        signal(source, EventKind.ATTACK, BY_STATE),
    )


def source_signals(source: str) -> tuple[str, ...]:
    """Return all signals of a source, in the order of `EventKind`, flags after their kind."""
    names: list[str] = []
    for kind in EventKind:
        names.append(signal(source, kind))
        if kind is EventKind.FORCE:
            names.append(signal(source, kind, LETHAL))
        if kind is EventKind.ATTACK:
            names.append(signal(source, kind, BY_STATE))
    return tuple(names)
