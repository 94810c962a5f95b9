import pytest

from ewarn.domain.crosswalk import from_cameo
from ewarn.domain.kinds import EventKind, deaths_of, is_lethal, signals_of, source_signals


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("14", EventKind.PROTEST),
        ("141", EventKind.PROTEST),
        ("143", EventKind.STRIKE),
        ("1451", EventKind.RIOT),
        ("1722", EventKind.RESTRICTION),
        ("173", EventKind.ARREST),
        ("175", EventKind.FORCE),
        ("170", None),
        ("043", None),
        ("", None),
    ],
)
def test_cameo_code_maps_by_its_longest_prefix(code: str, kind: EventKind | None) -> None:
    assert from_cameo(code) is kind


@pytest.mark.parametrize(
    ("kind", "fatalities", "tags", "lethal"),
    [
        (EventKind.FORCE, 1, (), True),
        (EventKind.FORCE, 0, (), False),
        (EventKind.FORCE, None, ("response:shooting",), True),
        (EventKind.FORCE, None, ("response:killing",), True),
        (EventKind.FORCE, None, ("response:beating",), False),
        (EventKind.RIOT, 5, ("response:killing",), False),
    ],
)
def test_lethal_is_force_that_killed_or_shot(
    kind: EventKind, fatalities: int | None, tags: tuple[str, ...], lethal: bool
) -> None:
    assert is_lethal(kind, fatalities, tags) is lethal


def test_an_event_counts_in_its_kind_and_in_its_flag() -> None:
    assert signals_of("x", EventKind.FORCE, 2, ()) == ("x:force", "x:force:lethal")
    assert signals_of("x", EventKind.PROTEST, 2, ()) == ("x:protest",)


@pytest.mark.parametrize(
    ("kind", "fatalities", "tags", "counts"),
    [
        (EventKind.ATTACK, 1, ("actor:state",), True),
        (EventKind.ATTACK, 0, ("actor:state",), False),
        (EventKind.ATTACK, None, ("actor:state",), False),
        (EventKind.ATTACK, 9, (), False),
        (EventKind.CLASH, 9, ("actor:state",), False),
    ],
)
def test_an_attack_by_a_state_that_killed_has_a_flag(
    kind: EventKind, fatalities: int | None, tags: tuple[str, ...], counts: bool
) -> None:
    assert ("x:attack:state" in signals_of("x", kind, fatalities, tags)) is counts


def test_every_signal_of_a_source_is_listed_once() -> None:
    names = source_signals("x")
    assert len(names) == len(set(names)) == len(EventKind) + 2
    assert {"x:force:lethal", "x:attack:state"} < set(names)


def test_of_the_calendar_only_incidents_count() -> None:
    vote = ("calendar:vote", "topic:election")
    assert signals_of("calendar", EventKind.ELECTION, None, vote) == ()
    postponed = ("calendar:postponed", "topic:election")
    assert signals_of("calendar", EventKind.ELECTION, None, postponed) == ("calendar:election",)
    assert signals_of("x", EventKind.ELECTION, None, ()) == ("x:election",)
    assert signals_of("x", EventKind.PROTEST, None, vote) == ("x:protest",)


def test_what_is_only_announced_counts_in_no_series() -> None:
    assert signals_of("x", EventKind.PROTEST, None, ("demand:vote", "planned")) == ()
    assert signals_of("x", EventKind.FORCE, 1, ("planned",)) == ()
    assert signals_of("x", EventKind.PROTEST, None, ("unplanned",)) == ("x:protest",)


@pytest.mark.parametrize(
    ("low", "tags", "deaths"),
    [
        (2, (), 2),
        (None, (), 0),
        (2, ("actor:state", "deaths:12"), 12),
        (2, ("deaths:many", "deaths:\u0663"), 2),
    ],
)
def test_the_dead_of_an_event_are_its_best_estimate(
    low: int | None, tags: tuple[str, ...], deaths: int
) -> None:
    assert deaths_of(low, tags) == deaths
