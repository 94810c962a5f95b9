"""Reader of the YAML files of rules and bands."""

import hashlib
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import timedelta
from math import inf
from typing import Annotated, Any, Self

import yaml
from pydantic import AfterValidator, create_model, model_validator

from ewarn.domain.playbook import Playbook
from ewarn.domain.region import Level, Office
from ewarn.domain.rule import MOST_WEEKS, NEVER, Condition, QuietRise, Rise, Rule
from ewarn.domain.target import SERVED_TARGETS, BandCuts, Target
from ewarn.files.fields import (
    Amount,
    Fields,
    Flag,
    Probability,
    Text,
    one_of,
    read_fields,
    whole,
    wrong,
)
from ewarn.files.located import read
from ewarn.rulebook.rule_kinds import read_condition

# The threshold of a budget comes from a rolling test that counted alarms with this value (see
# `ewarn.alerting.budget`). A rule that closes its alerts later can only have fewer alarms.
BUDGET_KEEP_FOR = 8
MOST_TIMES = 50
_LEVELS = tuple(level.value for level in Level)
# Fields that only the rule of a detector may have, and what such a rule does with them.
_OF_DETECTORS = {
    "false_discovery": "controls its false discoveries",
    "sources": "names its sources",
    "without_probability": "uses scores without a probability",
}
_NOT_BESIDE_A_CONDITION = ("raise_at", "close_below", "budget", "rise", "false_discovery")
_Weeks = Annotated[int, whole(1)]
_Level = Annotated[Level, one_of(_LEVELS, "a level")]


def _served(target: Target) -> Target:
    if target not in SERVED_TARGETS:
        raise ValueError(
            f"{target.value!r} is evaluated in back-tests only and never scored; use one of "
            f"{', '.join(SERVED_TARGETS)}"
        )
    return target


_Served = Annotated[
    Target, AfterValidator(_served), one_of([target.value for target in Target], "a target")
]


class _QuietFields(Fields):
    times: Amount
    again_after: _Weeks

    @model_validator(mode="after")
    def _stands_out(self) -> Self:
        if not 1 < self.times <= MOST_TIMES:
            raise wrong(
                "times",
                f"'times' must be above 1 and at most {MOST_TIMES}: it is how many times the mean "
                "of quiet regions a probability must be",
            )
        return self


class _RiseFields(Fields):
    floor: Probability
    factor: Amount
    weeks: _Weeks
    again_after: _Weeks
    again_factor: Amount
    quiet: _QuietFields | None = None

    @model_validator(mode="after")
    def _rises(self) -> Self:
        for name in ("factor", "again_factor"):
            if getattr(self, name) <= 1:
                raise wrong(name, f"{name!r} must be above 1: it says how much is a rise")
        if self.quiet is not None and self.quiet.again_after < self.again_after:
            said = "'again_after' of quiet regions must not be less than that of the rise"
            raise wrong("quiet", said)
        if self.weeks > MOST_WEEKS:
            raise wrong("weeks", f"a rise looks back {MOST_WEEKS} weeks at most")
        return self


class _RuleFields(Fields):
    id: Text
    target: _Served
    level: _Level
    horizon_weeks: _Weeks
    raise_at: Probability = NEVER
    close_below: Probability = 0.0
    hold_for: _Weeks = 1
    keep_for: _Weeks = 2
    cool_down: Annotated[int, whole()] = 4
    detector: Flag = False
    false_discovery: Probability | None = None
    sources: tuple[Text, ...] = ()
    without_probability: Flag = False
    budget: Amount | None = None
    offices: tuple[Text, ...] = ("*",)
    playbook: Text | None = None
    acknowledge_within_hours: Annotated[int, whole(1, 24 * 366)] | None = None
    rise: _RiseFields | None = None
    condition: dict[str, Any] | None = None

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        stated = self.model_fields_set
        if self.detector and "budget" in stated:
            said = "a detector's rule has no rolling test that a budget could be taken from"
            raise wrong("budget", said)
        if self.detector and "rise" in stated:
            said = "a detector's rule uses the detector's bound, not a rise of a probability"
            raise wrong("rise", said)
        for name, does in _OF_DETECTORS.items():
            if name in stated and not self.detector:
                raise wrong(name, f"only a rule with 'detector: true' {does}")
        for name in _NOT_BESIDE_A_CONDITION if self.condition is not None else ():
            if name in stated:
                raise wrong(name, f"a rule with a 'condition' has no {name!r}: it says all of it")
        if "sources" in stated and not self.sources:
            raise wrong("sources", "name at least one source, or leave 'sources' out")
        if "budget" in stated:
            self._check_budget()
        elif not self.detector and self.condition is None:
            self._check_thresholds()
        return self

    def _check_budget(self) -> None:
        for name in ("raise_at", "close_below"):
            if name in self.model_fields_set:
                raise wrong(name, f"a rule with a 'budget' takes {name!r} from its test")
        if "keep_for" in self.model_fields_set and self.keep_for < BUDGET_KEEP_FOR:
            said = f"'keep_for' must be a whole number of at least {BUDGET_KEEP_FOR}"
            raise wrong("keep_for", said)

    def _check_thresholds(self) -> None:
        for name in ("raise_at", "close_below") if self.rise is None else ("close_below",):
            if name not in self.model_fields_set:
                raise ValueError(
                    f"the field {name!r} is missing (or give a 'budget', or say 'detector: true')"
                )
        lowest, name = (
            (self.raise_at, "raise_at") if self.rise is None else (self.rise.floor, "floor")
        )
        if self.close_below > lowest:
            raise wrong(
                "close_below",
                f"'close_below' ({self.close_below:g}) must not lie above {name!r} ({lowest:g})",
            )


class _CutsFields(Fields):
    guarded: Probability
    elevated: Probability
    high: Probability
    critical: Probability

    @model_validator(mode="after")
    def _ascend(self) -> Self:
        values = [value for _, value in self]
        if values != sorted(set(values)):
            raise ValueError("guarded, elevated, high and critical must ascend")
        return self


def _of_each(names: Iterable[str], kind: type[Fields]) -> type[Fields]:
    """Create the model of a mapping that has a value of one model under each of these names."""
    fields: dict[str, Any] = dict.fromkeys(names, (kind, ...))
    return create_model(f"_OfEach{kind.__name__}", __base__=Fields, **fields)


_BandsFields = _of_each(SERVED_TARGETS, _of_each(_LEVELS, _CutsFields))


@dataclass(frozen=True, slots=True)
class Rulebook:
    """Everything that an operator configures about alerts."""

    rules: tuple[Rule, ...]
    cuts: dict[tuple[Target, Level], BandCuts]
    offices: tuple[Office, ...]
    playbooks: dict[str, Playbook]

    def offices_of(self, rule: Rule) -> tuple[Office, ...]:
        """Return the offices that are notified of a rule's alerts."""
        if "*" in rule.offices:
            return self.offices
        return tuple(office for office in self.offices if office.id in rule.offices)

    def rise_on(self, target: Target, level: Level, horizon_weeks: int) -> Rise | None:
        """Return the rise that a rule uses on scores of this kind, or None if no rule uses one."""
        asked = (target, level, horizon_weeks)
        rises = (
            rule.rise
            for rule in self.rules
            if (rule.target, rule.level, rule.horizon_weeks) == asked
        )
        return next((rise for rise in rises if rise is not None), None)


def read_rules(text: str, file: str = "rules.yaml") -> tuple[Rule, ...]:
    """Read the rules of a YAML list.

    Raises:
        SettingsError: If the text is wrong, with file and line.
    """
    document = read(text, file)
    rules = []
    seen: set[str] = set()
    for item in document.items():
        said = read_fields(item, _RuleFields)
        condition = None if said.condition is None else read_condition(item.at(["condition"]))
        rule = _rule(said, condition, f"{item.file}, line {item.line}")
        if rule.id in seen:
            raise item.wrong(
                f"a rule called {rule.id!r} is already defined above; give it another id"
            )
        seen.add(rule.id)
        rules.append(rule)
    return tuple(rules)


def _rule(said: _RuleFields, condition: Condition | None, stands_at: str) -> Rule:
    plain = said.model_dump(exclude={"acknowledge_within_hours", "rise", "condition"})
    if said.detector or condition is not None:
        plain |= {"raise_at": NEVER, "close_below": 0.0}
    if said.budget is not None and "keep_for" not in said.model_fields_set:
        plain["keep_for"] = BUDGET_KEEP_FOR
    hours = said.acknowledge_within_hours
    return Rule(
        **plain,
        acknowledge_within=None if hours is None else timedelta(hours=hours),
        rise=None if said.rise is None else _rise(said.rise),
        condition=condition,
        stands_at=stands_at,
    )


def _rise(said: _RiseFields) -> Rise:
    quiet = None if said.quiet is None else QuietRise(**said.quiet.model_dump())
    return Rise(**said.model_dump(exclude={"quiet"}), quiet=quiet)


def rule_hash(rule: Rule) -> str:
    """Return the SHA-256 (hex) of a rule's text, which identifies the rule that opened an alert."""
    return hashlib.sha256(rule_text(rule).encode()).hexdigest()


def rule_text(rule: Rule) -> str:
    """Return a rule as YAML with one `name: value` per line, with the field names of its file.

    The text of a rule is the same however its file was laid out. Fields without a value are left
    out.
    """
    own = rule.budget is None and not rule.detector and rule.condition is None  # thresholds
    within = rule.acknowledge_within
    said = {
        "id": rule.id,
        "target": rule.target.value,
        "level": rule.level.value,
        "horizon_weeks": rule.horizon_weeks,
        "raise_at": rule.raise_at if own and rule.raise_at < NEVER else None,
        "close_below": rule.close_below if own else None,
        "detector": rule.detector or None,
        "false_discovery": rule.false_discovery,
        "sources": list(rule.sources) or None,
        "without_probability": rule.without_probability or None,
        "budget": rule.budget,
        "thresholds": dict(rule.thresholds) or None,  # computed from its budget, by source
        "hold_for": rule.hold_for,
        "keep_for": rule.keep_for,
        "cool_down": rule.cool_down,
        "offices": list(rule.offices),
        "playbook": rule.playbook,
        "acknowledge_within_hours": within and within // timedelta(hours=1),
        "rise": rule.rise and _OneLine(_stated(asdict(rule.rise))),
        "condition": rule.condition and _OneLine(rule.condition.written),
    }
    return yaml.dump(
        _stated(said),
        Dumper=_LineEach,
        sort_keys=False,
        allow_unicode=True,
        default_flow_style=None,
        width=inf,
    )


class _OneLine(dict[str, Any]):
    """A mapping that is written on one line, whatever its content."""


class _LineEach(yaml.SafeDumper):
    """A YAML dumper that writes every `_OneLine` on one line."""


_LineEach.add_representer(
    _OneLine,
    lambda dumper, data: dumper.represent_mapping("tag:yaml.org,2002:map", data, flow_style=True),
)


def _stated(said: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in said.items() if value is not None}


def read_cuts(text: str, file: str = "bands.yaml") -> dict[tuple[Target, Level], BandCuts]:
    """Read the band cuts of every served target and level.

    Raises:
        SettingsError: If the text is wrong, with file and line.
    """
    said = read_fields(read(text, file), _BandsFields)
    return {
        (target, level): BandCuts(**getattr(getattr(said, target), level).model_dump())
        for target in SERVED_TARGETS
        for level in Level
    }
