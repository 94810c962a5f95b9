"""Routes for rules: those in force, older versions, and dry runs."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Path, Query, Request
from fastapi.responses import Response

from api.records.records import Record
from api.routing.key_first import KeyFirst
from api.schemas.lists import RuleList
from api.schemas.rules import DryRunBody
from api.serving.access import Reader, ReadsAlerts, State
from api.serving.answers import Listing, json_answer
from api.serving.problems import Problem, wrong_fields
from api.serving.queries import ListQuery, NoParameters
from api.serving.state import ApiState
from api.serving.texts import Asked
from ewarn.domain.key import EVERYWHERE
from ewarn.domain.rule import NEVER, Rule
from ewarn.domain.target import SERVED_TARGETS, Basis
from ewarn.domain.time import origin_at
from ewarn.egress.definition.shapes import outbound
from ewarn.egress.rules import DryRun, DryRunChange, RuleRecord, RuleVersionRecord, SilenceAbove
from ewarn.languages import field_faults, problem_details
from ewarn.pipeline.alerts.dry_run import HypotheticalScore, PossibleChange, RuleVerdict
from ewarn.rulebook.rules import rule_hash, rule_text
from ewarn.store.alerts import rule_versions

router = APIRouter(prefix="/v1/rules", tags=["alerts"], route_class=KeyFirst)

FARTHEST = timedelta(days=366)


@router.get("", response_model=RuleList)
def list_rules(
    request: Request, state: State, reader: ReadsAlerts, _: Annotated[ListQuery, Query()]
) -> Response:
    """Return the rules in force that notify an office which watches a country of the key.

    Needs the scope `alerts:read`.
    """
    now = state.clock()
    found = [rule for rule in state.trying.rules(now) if reader.is_notified_by(state, rule)]
    return Listing([_record(state, reader, rule) for rule in found], now).answer(request)


@router.get("/{hash}", response_model=RuleVersionRecord)
def get_rule_version(
    state: State,
    reader: ReadsAlerts,
    hash: Annotated[
        Asked,
        Path(
            description="Hash of a rule's text, from the timeline of an alert.",
            examples=["c4" * 32],
        ),
    ],
    _: Annotated[NoParameters, Query()],
) -> Response:
    """Return the text of a rule that is or was in force, by the hash in an alert's timeline.

    It shows the rule under which an alert opened. Needs the scope `alerts:read`. Error: 404 if no
    such rule was ever in force, or if the key may not see it.
    """
    with state.store.read() as connection:
        found = rule_versions.find(connection, hash)
    if found is None or found.rule in reader.rules_without_notification(state):
        raise Problem("not-found", problem_details.NO_RULE_VERSION(hash=repr(hash[:64])))
    return json_answer(outbound(RuleVersionRecord, found))


@router.post("/dry-run", response_model=DryRun, responses={404: {}})
def dry_run(
    state: State, reader: ReadsAlerts, asked: DryRunBody, _: Annotated[NoParameters, Query()]
) -> Response:
    """Return what the rules in force would do with a hypothetical score.

    The answer says which rules would match, who would be notified and when, and what would suppress
    the notification. Nothing is stored and nobody is notified. Needs the scope `alerts:read`.
    Error: 404 if there is no such region for the key.
    """
    now = state.clock()
    supposed = _supposed(state, reader, asked, now)
    found = state.trying.dry_run(reader.key, supposed, now)
    band = state.rulebook.cuts[supposed.target, supposed.region.level].band(supposed.probability)
    return json_answer(
        outbound(
            DryRun,
            {
                "region": supposed.region.id,
                "origin": origin_at(supposed.at),
                "at": supposed.at,
                "band": band,
                "rules": [
                    _verdict(each) for each in found if reader.is_notified_by(state, each.rule)
                ],
            },
        )
    )


def _supposed(
    state: ApiState, reader: Reader, asked: DryRunBody, now: datetime
) -> HypotheticalScore:
    if asked.target not in SERVED_TARGETS:
        raise wrong_fields(("target", field_faults.NOT_SERVED(known=", ".join(SERVED_TARGETS))))
    at = asked.at or now
    if not now <= at <= now + FARTHEST:
        raise wrong_fields(("at", field_faults.WITHIN_A_YEAR(now=now.isoformat())))
    claimed = Basis.UNCALIBRATED if asked.probability is None else Basis.CALIBRATED
    basis = asked.basis or claimed
    return HypotheticalScore(
        region=reader.region(state, asked.region),
        target=asked.target,
        horizon_weeks=asked.horizon_weeks,
        # An uncalibrated score has no probability.
        probability=None if basis is Basis.UNCALIBRATED else asked.probability,
        basis=basis,
        observed=asked.observed,
        source=asked.source,
        at=at,
        upper=asked.upper,
        false_discovery=asked.false_discovery,
        relative_risk=asked.relative_risk,
    )


def _record(state: ApiState, reader: Reader, rule: Rule) -> Record:
    """Return the record of a rule, without offices that watch none of the key's countries."""
    watched = {office.id for office in reader.offices(state)} | {EVERYWHERE}
    offices = tuple(each for each in rule.offices if each in watched)
    own = rule.budget is None and not rule.detector and rule.condition is None
    within = rule.acknowledge_within
    return outbound(
        RuleRecord,
        rule,
        offices=offices,
        raise_at=rule.raise_at if own and rule.raise_at < NEVER else None,
        close_below=rule.close_below if own else None,
        thresholds=dict(rule.thresholds),
        condition=rule.condition and rule.condition.words,
        acknowledge_within_hours=within and within / timedelta(hours=1),
        text=rule_text(replace(rule, offices=offices)),
        hash=rule_hash(rule),
    )


def _verdict(verdict: RuleVerdict) -> Record:
    return {
        "rule": verdict.rule.id,
        "hash": rule_hash(verdict.rule),
        "matches": not verdict.unmet,
        "unmet": verdict.unmet,
        "alert": verdict.alert and verdict.alert.id,
        "changes": [_change(tried) for tried in verdict.changes],
    }


def _change(tried: PossibleChange) -> Record:
    change = tried.change
    return outbound(
        DryRunChange,
        tried,
        change=change.kind,
        alert=change.alert.id,
        state=change.alert.state,
        band=change.alert.band,
        reason=change.reason,
        silences=[outbound(SilenceAbove, each, until=each.ends_at) for each in tried.silences],
    )
