"""One table from other coding schemes to event kinds.

CAMEO codes are the event root, base or full code of GDELT rows (CAMEO codebook 1.1b3); the longest
listed prefix decides. ACLED names are sub-event types (codebook of October 2024), HAPI names the
groups that it makes of them. PLOVER names are event types and modes of POLECAT. Mass Mobilization
codes are its state responses. UCDP codes are its types of violence.
"""

from collections.abc import Iterable

from ewarn.domain.kinds import EventKind

CAMEO: dict[str, EventKind] = {
    "14": EventKind.PROTEST,
    "143": EventKind.STRIKE,
    "145": EventKind.RIOT,
    "172": EventKind.RESTRICTION,
    "173": EventKind.ARREST,
    "175": EventKind.FORCE,
    "18": EventKind.ATTACK,
    "19": EventKind.CLASH,
    "20": EventKind.ATTACK,
}

# All 25 sub-event types of the codebook are here or in the set below. Some of its lists spell
# `protestors`.
ACLED: dict[str, EventKind] = {
    "Peaceful protest": EventKind.PROTEST,
    "Protest with intervention": EventKind.PROTEST,
    "Excessive force against protesters": EventKind.FORCE,
    "Excessive force against protestors": EventKind.FORCE,
    "Violent demonstration": EventKind.RIOT,
    "Mob violence": EventKind.RIOT,
    "Arrests": EventKind.ARREST,
    "Attack": EventKind.ATTACK,
    "Abduction/forced disappearance": EventKind.ATTACK,
    "Sexual violence": EventKind.ATTACK,
    "Armed clash": EventKind.CLASH,
    "Government regains territory": EventKind.CLASH,
    "Non-state actor overtakes territory": EventKind.CLASH,
    "Air/drone strike": EventKind.CLASH,
    "Chemical weapon": EventKind.CLASH,
    "Grenade": EventKind.CLASH,
    "Remote explosive/landmine/IED": EventKind.CLASH,
    "Shelling/artillery/missile attack": EventKind.CLASH,
    "Suicide bomb": EventKind.CLASH,
    "Agreement": EventKind.DIALOGUE,
}

# These types change a conflict, but are no act of the kinds that we track. A curfew or a ban may be
# coded as `Other` or `Change to group/activity`, but only their notes would show it, and notes are
# not stored.
ACLED_UNTRACKED = frozenset(
    {
        "Change to group/activity",
        "Disrupted weapons use",
        "Headquarters or base established",
        "Looting/property destruction",
        "Non-violent transfer of territory",
        "Other",
    }
)

# By the codebook an intervention is an attempt to disperse or suppress a protest by force that
# injures nobody badly. Excessive force is not tagged: the row does not say what was used.
ACLED_TAGS: dict[str, str] = {"Protest with intervention": "response:dispersal"}

# Groups of ACLED's events that HAPI counts. `political_violence` holds `civilian_targeting` and
# what armed groups do to each other: the two must not be added, so only the second is used.
HAPI: dict[str, EventKind] = {
    "civilian_targeting": EventKind.ATTACK,
    "demonstration": EventKind.PROTEST,
}

# A type without a mode is for its modes that are not listed: `demo`, `hunger`, `boycott` and
# `obstruct` are protests, and nearly all assaults are attacks. `COERCE` has no such entry: to
# seize, deport, withhold or misinform is no kind that we track.
PLOVER: dict[str, EventKind] = {
    "PROTEST": EventKind.PROTEST,
    "PROTEST:riot": EventKind.RIOT,
    "PROTEST:strike": EventKind.STRIKE,
    "COERCE:arrest": EventKind.ARREST,
    "COERCE:ban": EventKind.RESTRICTION,
    "COERCE:censor": EventKind.RESTRICTION,
    "COERCE:curfew": EventKind.RESTRICTION,
    "COERCE:martial-law": EventKind.RESTRICTION,
    "COERCE:restrict": EventKind.RESTRICTION,
    "ASSAULT": EventKind.ATTACK,
    "ASSAULT:crowd-control": EventKind.FORCE,
    "RETREAT:ceasefire": EventKind.DIALOGUE,
    "RETREAT:release": EventKind.DIALOGUE,
}

MASS_MOBILIZATION: dict[str, EventKind] = {
    "arrests": EventKind.ARREST,
    "beatings": EventKind.FORCE,
    "shootings": EventKind.FORCE,
    "killings": EventKind.FORCE,
}

# Types of organised violence in UCDP's events (GED codebook): between states and groups, between
# groups, and by one side against civilians.
UCDP: dict[str, EventKind] = {
    "1": EventKind.CLASH,
    "2": EventKind.CLASH,
    "3": EventKind.ATTACK,
}


def from_plover(type_: str, modes: Iterable[str]) -> EventKind | None:
    """Return the kind of a PLOVER type by the first of its modes that is listed, else by itself.

    >>> from_plover("COERCE", ["seize", "arrest"])
    <EventKind.ARREST: 'arrest'>
    """
    for mode in modes:
        kind = PLOVER.get(f"{type_}:{mode}")
        if kind is not None:
            return kind
    return PLOVER.get(type_)


def from_cameo(code: str) -> EventKind | None:
    """Return the kind of a CAMEO code by its longest listed prefix, or None if it is not tracked.

    >>> from_cameo("1451")
    <EventKind.RIOT: 'riot'>
    """
    for length in range(len(code), 1, -1):
        kind = CAMEO.get(code[:length])
        if kind is not None:
            return kind
    return None


def from_acled(sub_event_type: str, *, targets_civilians: bool) -> EventKind | None:
    """Return the kind of an ACLED row, or None if its type is unknown or not tracked.

    A strike or a bomb is part of a clash, unless civilians were its only or main target.

    >>> from_acled("Grenade", targets_civilians=True)
    <EventKind.ATTACK: 'attack'>
    """
    kind = ACLED.get(sub_event_type)
    return EventKind.ATTACK if kind is EventKind.CLASH and targets_civilians else kind
