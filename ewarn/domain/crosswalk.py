"""One table from other coding schemes to event kinds.

CAMEO codes are the event root, base or full code of GDELT rows (CAMEO codebook 1.1b3); the
longest prefix found decides. ACLED names are sub-event types of its 2025 platform; PLOVER names
are event types and modes of POLECAT; Mass Mobilization codes are its state responses.
"""

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

ACLED: dict[str, EventKind] = {
    "Peaceful protest": EventKind.PROTEST,
    "Protest with intervention": EventKind.PROTEST,
    "Excessive force against protesters": EventKind.FORCE,
    "Violent demonstration": EventKind.RIOT,
    "Mob violence": EventKind.RIOT,
    "Arrests": EventKind.ARREST,
    "Attack": EventKind.ATTACK,
    "Abduction/forced disappearance": EventKind.ATTACK,
    "Sexual violence": EventKind.ATTACK,
    "Armed clash": EventKind.CLASH,
}

PLOVER: dict[str, EventKind] = {
    "PROTEST": EventKind.PROTEST,
    "PROTEST:riot": EventKind.RIOT,
    "PROTEST:strike": EventKind.STRIKE,
    "COERCE:arrest": EventKind.ARREST,
    "COERCE:curfew": EventKind.RESTRICTION,
    "COERCE:censor": EventKind.RESTRICTION,
    "COERCE:restrict": EventKind.RESTRICTION,
    "ASSAULT": EventKind.ATTACK,
}

MASS_MOBILIZATION: dict[str, EventKind] = {
    "arrests": EventKind.ARREST,
    "beatings": EventKind.FORCE,
    "shootings": EventKind.FORCE,
    "killings": EventKind.FORCE,
}


def from_cameo(code: str) -> EventKind | None:
    """Kind of a CAMEO code by its longest listed prefix; None where it is not tracked.

    >>> from_cameo("1451")
    <EventKind.RIOT: 'riot'>
    """
    for length in range(len(code), 1, -1):
        kind = CAMEO.get(code[:length])
        if kind is not None:
            return kind
    return None
