"""Tests that each step of a deployment does what `cases.md` says, or is refused."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from importlib.resources import files

import pytest

from ewarn.domain.alert import Alert, AlertState
from ewarn.domain.deployment import Deployment, Proposal, Stage, StepKind
from ewarn.domain.effect import Effect, Study, Verdict
from ewarn.domain.playbook import Playbook
from ewarn.domain.target import Band, Target
from ewarn.errors import UsageError
from ewarn.response.steps import from_playbook, judged, propose, take

AT = datetime(2020, 3, 2, 9, tzinfo=UTC)
TODAY = AT.date()
WHOLE = Proposal("TGO", ("officer", "expert"), 17, "the Government", "office", (), (4, 9))
TAKEN = [kind for kind in StepKind if kind not in (StepKind.PROPOSED, StepKind.JUDGED)]


def at_stage(stage: Stage) -> Deployment:
    begun = stage in (Stage.DEPLOYED, Stage.ENDED)
    return Deployment(
        id="d1",
        proposal=WHOLE,
        stage=stage,
        proposed_on=TODAY - timedelta(days=30),
        last_on=TODAY - timedelta(days=3),
        deployed_on=TODAY - timedelta(days=20) if begun else None,
        ended_on=TODAY - timedelta(days=3) if stage is Stage.ENDED else None,
    )


def cases() -> dict[tuple[str, str], str]:
    text = (files("ewarn.response") / "cases.md").read_text(encoding="utf-8")
    lines = [line for line in text.splitlines() if line.startswith("|")][2:]
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    return {(before, step): after for before, step, after in cells}


@pytest.mark.parametrize("stage", Stage)
@pytest.mark.parametrize("kind", TAKEN)
def test_every_step_at_every_stage_is_as_the_table_says(stage: Stage, kind: StepKind) -> None:
    before = at_stage(stage)
    expected = cases().get((stage.value, kind.value))
    if expected is None:
        with pytest.raises(UsageError, match="d1"):
            take(before, kind, "Accra", AT, "why")
        return
    step = take(before, kind, "Accra", AT, " why ")
    assert step.deployment.stage == expected
    assert (step.kind, step.on, step.at, step.actor, step.reason) == (
        kind,
        TODAY,
        AT,
        "Accra",
        "why",
    )
    assert step.deployment.reviews == (kind is StepKind.REVIEWED)


def test_nobody_is_deployed_without_consent() -> None:
    for stage in Stage:
        if stage in (Stage.CONSENTED, Stage.DEPLOYED):
            continue
        with pytest.raises(UsageError, match="nobody is deployed without consent"):
            take(at_stage(stage), StepKind.DEPLOYED, "Accra", AT, "why")
    consented = at_stage(Stage.CONSENTED)
    assert take(consented, StepKind.DEPLOYED, "Accra", AT, "w").deployment.deployed_on == TODAY


def test_review_dates_begin_with_the_deployment_and_are_answered_one_by_one() -> None:
    assert at_stage(Stage.CONSENTED).review_dates == ()
    begun = take(at_stage(Stage.CONSENTED), StepKind.DEPLOYED, "Accra", AT, "w").deployment
    first, second = TODAY + timedelta(weeks=4), TODAY + timedelta(weeks=9)
    assert begun.review_dates == (first, second)
    assert begun.planned_end == TODAY + timedelta(weeks=17)
    later = AT + timedelta(weeks=4)
    once = take(begun, StepKind.REVIEWED, "Accra", later, "w").deployment
    assert once.next_review == second
    assert take(once, StepKind.REVIEWED, "A", later, "w").deployment.next_review is None


@pytest.mark.parametrize(
    ("on", "reason", "says"),
    [
        (TODAY + timedelta(days=1), "why", "in the future"),
        (TODAY - timedelta(days=4), "why", "before the last one"),
        (None, "  ", "needs a reason"),
    ],
)
def test_a_step_has_a_day_that_can_be_and_a_reason(on: date | None, reason: str, says: str) -> None:
    with pytest.raises(UsageError, match=says):
        take(at_stage(Stage.PROPOSED), StepKind.CONSENT_REQUESTED, "Accra", AT, reason, on=on)


@pytest.mark.parametrize(
    ("without", "says"),
    [
        ({"team": ()}, "needs a team"),
        ({"owner": " "}, "'owner'"),
        ({"consent_of": ""}, "'consent_of'"),
        ({"owner": "Ms Example"}, "role or an office"),
        ({"team": ("officer", "x@example.org")}, "role or an office"),
        ({"team": ("officer, +228 90 00 00 00",)}, "role or an office"),
        ({"review_weeks": (9, 4)}, "must rise"),
    ],
)
def test_a_proposal_that_lacks_something_is_refused(without: dict[str, object], says: str) -> None:
    with pytest.raises(UsageError, match=says):
        propose("d1", replace(WHOLE, **without), "Accra", AT, "why")  # type: ignore[arg-type]


def alert(target: Target, highest: Band) -> Alert:
    return Alert(
        id="a1",
        rule="r",
        region="TG-M",
        country="TGO",
        target=target,
        horizon_weeks=4,
        state=AlertState.OPEN,
        band=Band.GUARDED,
        highest=highest,
        probability=0.2,
        opened_on=TODAY,
        closed_on=None,
        last_origin=TODAY,
    )


def test_a_playbook_answers_the_alerts_it_is_for() -> None:
    book = Playbook(
        "p",
        "P",
        {"en": "go"},
        ("officer",),
        None,
        ("x",),
        (Target.FORCE,),
        Band.HIGH,
        "G",
        "o",
        (4,),
    )
    made = from_playbook(book, "TGO", alert(Target.FORCE, Band.HIGH))
    assert (made.team, made.length_weeks, made.alert_id, made.playbook, made.consent_of) == (
        ("officer",),
        None,
        "a1",
        "p",
        "G",
    )
    for target, highest, says in (
        (Target.ESCALATION, Band.HIGH, "answers alerts of force"),
        (Target.FORCE, Band.ELEVATED, "answers alerts from high on"),
    ):
        with pytest.raises(UsageError, match=says):
            from_playbook(book, "TGO", alert(target, highest))
    with pytest.raises(UsageError, match="sends nobody"):
        from_playbook(replace(book, team=()), "TGO", None)


def test_an_effect_is_judged_once_it_has_ended_and_may_be_judged_again() -> None:
    monday = date(2020, 1, 6)
    study = Study(
        "x", "TGO", "force", monday, monday + timedelta(7), monday + timedelta(14), (1, 0), (0, 0)
    )
    effect = Effect(Verdict.NOT_IDENTIFIABLE, ("Too few weeks.",), (), (), {}, study)
    with pytest.raises(UsageError, match="has not ended"):
        judged(at_stage(Stage.DEPLOYED), effect, "ewarn", AT)
    made = judged(at_stage(Stage.ENDED), effect, "ewarn", AT)
    assert made.deployment.effect is effect
    assert made.reason == "not identifiable from these data. Too few weeks."
    assert judged(made.deployment, effect, "ewarn", AT).deployment.stage is Stage.ENDED
