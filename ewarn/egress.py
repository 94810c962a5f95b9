"""What may leave: every outbound payload is built here, from an allow-list of fields.

A field that is not listed for its kind of record never leaves, whoever asks. Adding one is a
decision about what the service tells the world, so it is made in this file.
"""

from collections.abc import Mapping
from typing import Any


def _fields(names: str) -> tuple[str, ...]:
    return tuple(names.split())


ALLOWED: dict[str, tuple[str, ...]] = {
    "region": (
        "id",
        "level",
        "name",
        "names",
        "parent",
        "codes",
        "latitude",
        "longitude",
        "ended_on",
    ),
    "office": ("id", "name", "language", "countries"),
    "event": (
        "source",
        "source_event_id",
        "version",
        "kind",
        "occurred_on",
        "ended_on",
        "date_precision",
        "known_on",
        "known_at",
        "known_at_estimated",
        "recorded_at",
        "country",
        "region",
        "admin1",
        "place",
        "latitude",
        "longitude",
        "location_precision",
        "participants_low",
        "participants_high",
        "fatalities_low",
        "fatalities_high",
        "injured",
        "arrests",
        "tags",
        "summary",
        "source_url",
        "deleted",
    ),
    "score": (
        "id",
        "region",
        "region_name",
        "country",
        "level",
        "target",
        "horizon_weeks",
        "origin",
        "model",
        "basis",
        "band",
        "probability",
        "low",
        "high",
        "expected",
        "upper",
        "observed",
        "unit",
        "exceeds_bound",
        "false_discovery",
        "relative_risk",
        "completeness",
        "sources",
        "drivers",
        "members",
        "as_of",
        "interim",
        "recorded_at",
        "notice",
        "is_observed",
        "unobserved_since",
    ),
    "alert": (
        "id",
        "rule",
        "region",
        "region_name",
        "country",
        "level",
        "target",
        "horizon_weeks",
        "state",
        "band",
        "highest",
        "probability",
        "opened_on",
        "closed_on",
        "last_origin",
        "score_id",
        "stale",
        "corrected",
        "situation",
        "warned_on",
        "warned_at",
        "acknowledged_by",
        "assessment",
        "notice",
        "unwell",
        "timeline",
        "held_back",
    ),
    "held_back": _fields("at change why reason until office channel tier"),
    "unwell": ("source", "health", "since"),
    "alert_event": (
        "sequence",
        "alert_id",
        "kind",
        "at",
        "actor",
        "reason",
        "band",
        "probability",
        "score_id",
        "rule_hash",
        "hash",
    ),
    "rule": _fields(
        "id target level horizon_weeks raise_at close_below thresholds hold_for keep_for cool_down "
        "detector false_discovery sources without_probability budget acknowledge_within_hours "
        "offices playbook rise hash"
    ),
    "rule_version": _fields("hash rule text recorded_at"),
    "dry_run": _fields("region origin at band rules"),
    "dry_run_rule": _fields("rule hash matches why_not alert changes"),
    "dry_run_change": _fields(
        "change alert state band reason urgent not_told silences country_alert source_ill told"
    ),
    "dry_run_silence": _fields("id author reason until"),
    "dry_run_told": _fields("office subscription channel tier leaves_at"),
    "silence": _fields(
        "id author reason starts_at ends_at countries regions targets rules ended_at ended_by "
        "in_force"
    ),
    "subscription": _fields(
        "id owner channel address language countries regions targets level at_least digest "
        "digest_at quiet zone most_a_day repeat_days created_at verified_at ended_at rotated_at "
        "failing_since disabled_at reason"
    ),
    "delivery": (
        "id",
        "subscription",
        "channel",
        "subject",
        "created_at",
        "state",
        "attempts",
        "next_attempt_at",
    ),
    "attempt": ("at", "outcome", "detail"),
    "deployment": _fields(
        "id country country_name stage team length_weeks consent_of preconditions owner "
        "alert_id playbook proposed_on deployed_on planned_end ended_on next_review "
        "effect notice steps"
    ),
    "step": _fields("sequence kind on at actor reason hash"),
    "effect": _fields("verdict reasons cautions estimates source outcome first_week start end"),
    "recommendation": _fields(
        "id country body reference text theme addressee owner given_on due_on review_on "
        "status status_on evidence days_overdue history"
    ),
    "recommendation_change": _fields("sequence act at actor reason status hash"),
    "taken_in": _fields("added amended unchanged rejected notes"),
    "brief": _fields(
        "country country_name language as_of notice unwell scores subdivisions unobserved series "
        "alerts recommendations recommendations_left_out elections deployments disclaimer"
    ),
    "brief_score": _fields(
        "source basis target target_words horizon_weeks origin band band_words probability low "
        "high observed expected upper completeness drivers notice"
    ),
    "brief_unobserved": _fields("region region_name target_words since words"),
    "brief_subdivision": _fields("region region_name band band_words probability"),
    "brief_series": _fields("source weeks series"),
    "brief_alert": _fields(
        "id region_name target target_words state state_words band band_words opened_on "
        "closed_on stale acknowledged_by"
    ),
    "brief_recommendation": _fields(
        "id body_words reference text theme_words owner due_on status_words days_overdue"
    ),
    "brief_election": _fields("day last_day precision topic what region_name summary"),
    "brief_deployment": _fields(
        "id stage stage_words team_words length_weeks consent_of owner proposed_on "
        "deployed_on planned_end ended_on next_review verdict verdict_words reasons "
        "notice"
    ),
    "source": (
        "source",
        "health",
        "reason",
        "last_success_at",
        "last_event_on",
        "cadence_hours",
        "unread",
        "outages",
        "completeness",
        "baseline",
        "outcomes",
        "attribution",
        "licence",
        "redistribute",
        "train",
        "url",
    ),
    "driver": (
        "signal",
        "words",
        "first_week",
        "last_week",
        "contribution",
        "count",
        "event_ids",
        "events",
    ),
    "slowing": (
        "signal",
        "source",
        "words",
        "spread_trend",
        "spread_p",
        "memory_trend",
        "memory_p",
    ),
    "series": ("signal", "source", "kind", "flag", "words", "counts", "observed"),
    "model": (
        "model",
        "target",
        "level",
        "horizon_weeks",
        "basis",
        "created_on",
        "as_of",
        "data",
        "licence",
        "label_source",
        "signals",
        "features",
        "members",
        "fitted_on",
        "development",
        "weaknesses",
    ),
    "scorecard": _fields(
        "model source target level horizon_weeks month as_of recorded_at origins models "
        "unobserved rows positives base_rate mean_probability calibration_in_the_large brier "
        "brier_skill log_score auc average_precision calibration_slope calibration_intercept "
        "reliability deployed rules"
    ),
    "queued": ("source", "reads_at"),
    "message": (
        "type",
        "timestamp",
        "language",
        "subject",
        "notice",
        "items",
        "shortened",
        "omitted",
        "link",
    ),
    "notification": (
        "type",
        "timestamp",
        "region",
        "region_name",
        "country",
        "country_name",
        "target",
        "horizon_weeks",
        "rule",
        "level",
        "highest",
        "change",
        "at",
        "actor",
        "reason",
        "tier",
        "probability",
        "low",
        "high",
        "basis",
        "drivers",
        "completeness",
        "course",
        "interim_at",
        "origin",
        "suggestion",
        "notice",
        "opened_on",
        "alert_id",
        "link",
        "changes",
    ),
    "notification_brief": (
        "type",
        "alert_id",
        "source",
        "id",
        "channel",
        "region",
        "country",
        "rule",
        "level",
        "health",
        "change",
        "at",
        "changes",
        "link",
    ),
    "notification_change": (
        "type",
        "change",
        "level",
        "probability",
        "health",
        "at",
        "actor",
        "reason",
    ),
    "notification_change_brief": ("change", "level", "health", "at"),
    "source_news": ("type", "source", "health", "since", "at", "reason", "countries", "changes"),
    "follow_up_news": (
        "type",
        "id",
        "kind",
        "title",
        "country",
        "country_name",
        "owner",
        "due_on",
        "days_overdue",
        "at",
        "link",
        "changes",
    ),
    "endpoint_news": ("type", "channel", "address", "since", "at", "reason", "changes"),
    "verify_news": ("type", "code", "subscription_id", "expires_at", "at", "changes"),
    "test_news": ("type", "at", "changes"),
}


def outbound(kind: str, record: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of `record` that may leave, in the order of the list.

    Raises KeyError for a kind of record that has no list: nothing leaves by default.
    """
    return {name: record[name] for name in ALLOWED[kind] if name in record}
