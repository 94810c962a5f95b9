"""Rules and bands from their YAML texts."""

import hashlib
from dataclasses import asdict, dataclass
from datetime import timedelta
from math import inf
from typing import Any, TypeVar

import yaml

from ewarn.domain.playbook import Playbook
from ewarn.domain.region import Level, Office
from ewarn.domain.rule import MOST_WEEKS, NEVER, QuietRise, Rise, Rule
from ewarn.domain.target import SERVED_TARGETS, BandCuts, Target
from ewarn.files.located import Fields, Located, read

# As alarms were counted in the rolling test that a budget's threshold comes from: see
# `ewarn.alerting.budget`. Rules that close later only have fewer.
BUDGET_KEEP_FOR = 8
_Member = TypeVar("_Member", Target, Level)
_REQUIRED = ("id", "target", "level", "horizon_weeks")
_OPTIONAL = (
    "raise_at",
    "close_below",
    "hold_for",
    "keep_for",
    "cool_down",
    "detector",
    "false_discovery",
    "sources",
    "without_probability",
    "budget",
    "offices",
    "playbook",
    "acknowledge_within_hours",
    "rise",
)
_OF_A_RISE = ("floor", "factor", "weeks", "again_after", "again_factor")
_OF_QUIET = ("times", "again_after")
MOST_TIMES = 50


@dataclass(frozen=True, slots=True)
class Rulebook:
    """All that an operator configures about alerts."""

    rules: tuple[Rule, ...]
    cuts: dict[tuple[Target, Level], BandCuts]
    offices: tuple[Office, ...]
    playbooks: dict[str, Playbook]

    def offices_of(self, rule: Rule) -> tuple[Office, ...]:
        """The offices a rule speaks to."""
        if "*" in rule.offices:
            return self.offices
        return tuple(office for office in self.offices if office.id in rule.offices)

    def rise_on(self, target: Target, level: Level, horizon_weeks: int) -> Rise | None:
        """The rise that a rule in force listens to on such scores; None where none does."""
        asked = (target, level, horizon_weeks)
        rises = (
            rule.rise
            for rule in self.rules
            if (rule.target, rule.level, rule.horizon_weeks) == asked
        )
        return next((rise for rise in rises if rise is not None), None)


def read_rules(text: str, file: str = "rules.yaml") -> tuple[Rule, ...]:
    """The rules of a YAML list; raises SettingsError with file and line."""
    document = read(text, file)
    rules = []
    seen: set[str] = set()
    for item in document.items():
        rule = _rule(item, item.fields(_REQUIRED, _OPTIONAL))
        if rule.id in seen:
            raise item.wrong(f"a rule called {rule.id!r} stands above already; give it another id")
        seen.add(rule.id)
        rules.append(rule)
    return tuple(rules)


def _rule(item: Located, fields: Fields) -> Rule:
    detector = _is_true(fields, "detector")
    budget = _budget(fields, detector) if "budget" in fields.values else None
    rise = _rise(fields, detector)
    stated = detector or budget is not None
    raise_at, close_below = (NEVER, 0.0) if stated else _thresholds(item, fields, rise)
    kept = 2 if budget is None else BUDGET_KEEP_FOR
    return Rule(
        id=fields.text("id"),
        target=_served(fields),
        level=_member(fields, "level", Level),
        horizon_weeks=fields.whole("horizon_weeks", least=1),
        raise_at=raise_at,
        close_below=close_below,
        hold_for=fields.whole("hold_for", 1, least=1),
        keep_for=fields.whole("keep_for", kept, least=1 if budget is None else kept),
        cool_down=fields.whole("cool_down", 4),
        detector=detector,
        offices=fields.texts("offices", ("*",)),
        playbook=fields.text("playbook") if "playbook" in fields.values else None,
        budget=budget,
        false_discovery=_false_discovery(fields, detector),
        sources=_sources(fields, detector),
        without_probability=_without_probability(fields, detector),
        acknowledge_within=_within(fields),
        rise=rise,
        stands_at=f"{item.file}, line {item.line}",
    )


def _rise(fields: Fields, detector: bool) -> Rise | None:
    """A rise that the rule listens to; None where it states none."""
    if "rise" not in fields.values:
        return None
    at = fields.values["rise"]
    if detector:
        raise at.wrong("a detector's rule listens to its bound, not to a rise of a probability")
    given = at.fields(_OF_A_RISE, ("quiet",))
    rise = Rise(
        floor=given.probability("floor"),
        factor=given.amount("factor"),
        weeks=given.whole("weeks", least=1),
        again_after=given.whole("again_after", least=1),
        again_factor=given.amount("again_factor"),
        quiet=_quiet(given.values["quiet"]) if "quiet" in given.values else None,
    )
    for name, factor in (("factor", rise.factor), ("again_factor", rise.again_factor)):
        if factor <= 1:
            raise given.values[name].wrong(f"{name!r} must be above 1: it says how much is a rise")
    if rise.quiet is not None and rise.quiet.again_after < rise.again_after:
        raise given.values["quiet"].wrong(
            "'again_after' of quiet regions must not lie below that of the rise"
        )
    if rise.weeks > MOST_WEEKS:
        raise given.values["weeks"].wrong(f"a rise looks back {MOST_WEEKS} weeks at most")
    return rise


def _quiet(at: Located) -> QuietRise:
    """What is news of a region that was quiet for half a year."""
    given = at.fields(_OF_QUIET, ())
    quiet = QuietRise(given.amount("times"), given.whole("again_after", least=1))
    if not 1 < quiet.times <= MOST_TIMES:
        raise given.values["times"].wrong(
            f"'times' must be above 1 and at most {MOST_TIMES}: so many times the mean of quiet "
            "regions is news"
        )
    return quiet


def _within(fields: Fields) -> timedelta | None:
    """How long an alert may wait to be acknowledged; None where nobody is asked to."""
    if "acknowledge_within_hours" not in fields.values:
        return None
    return timedelta(hours=fields.whole("acknowledge_within_hours", least=1, most=24 * 366))


def _budget(fields: Fields, detector: bool) -> float:
    """False alarms a year; a rule with a budget states no threshold of its own."""
    at = fields.values["budget"]
    if detector:
        raise at.wrong("a detector's rule has no rolling test that a budget could be taken from")
    for name in ("raise_at", "close_below"):
        if name in fields.values:
            raise fields.values[name].wrong(f"a rule with a 'budget' takes {name!r} from its test")
    return fields.amount("budget")


def _false_discovery(fields: Fields, detector: bool) -> float | None:
    """The share of weeks in which chance alone may bring an alarm; None where none is stated."""
    if "false_discovery" not in fields.values:
        return None
    if not detector:
        raise fields.values["false_discovery"].wrong(
            "only a rule with 'detector: true' controls its false discoveries"
        )
    return fields.probability("false_discovery")


def _is_true(fields: Fields, name: str) -> bool:
    """Whether a field that is true or left out is there."""
    if name not in fields.values:
        return False
    if fields.values[name].value != "true":
        raise fields.values[name].wrong(f"{name!r} is either true or left out")
    return True


def _sources(fields: Fields, detector: bool) -> tuple[str, ...]:
    """The sources that a detector's rule listens to; none where it listens to all."""
    if "sources" in fields.values and not detector:
        raise fields.values["sources"].wrong("only a rule with 'detector: true' names its sources")
    named = fields.texts("sources")
    if "sources" in fields.values and not named:
        raise fields.values["sources"].wrong("name at least one source, or leave 'sources' out")
    return named


def _without_probability(fields: Fields, detector: bool) -> bool:
    if not _is_true(fields, "without_probability"):
        return False
    if not detector:
        raise fields.values["without_probability"].wrong(
            "only a rule with 'detector: true' listens to scores without a probability"
        )
    return True


def _thresholds(item: Located, fields: Fields, rise: Rise | None) -> tuple[float, float]:
    needed = ("raise_at", "close_below") if rise is None else ("close_below",)
    for name in needed:
        if name not in fields.values:
            raise item.wrong(
                f"the field {name!r} is missing (or give a 'budget', or say 'detector: true')"
            )
    close_below = fields.probability("close_below")
    stated = "raise_at" in fields.values
    raise_at = fields.probability("raise_at") if stated else NEVER
    lowest, name = (raise_at, "raise_at") if rise is None else (rise.floor, "floor")
    if close_below > lowest:
        raise fields.values["close_below"].wrong(
            f"'close_below' ({close_below:g}) must not lie above {name!r} ({lowest:g})"
        )
    return raise_at, close_below


def _member(fields: Fields, name: str, kind: type[_Member]) -> _Member:
    value = fields.text(name)
    try:
        return kind(value)
    except ValueError:
        known = ", ".join(member.value for member in kind)
        raise fields.values[name].wrong(f"{value!r} is not a {name}; use one of {known}") from None


def _served(fields: Fields) -> Target:
    target = _member(fields, "target", Target)
    if target not in SERVED_TARGETS:
        known = ", ".join(SERVED_TARGETS)
        raise fields.values["target"].wrong(
            f"{target.value!r} is judged in back-tests only and never scored; use one of {known}"
        )
    return target


def rule_hash(rule: Rule) -> str:
    """SHA-256 (hex) of everything a rule says: which text opened this alert?"""
    return hashlib.sha256(rule_text(rule).encode()).hexdigest()


def rule_text(rule: Rule) -> str:
    """A rule as YAML, one `name: value` a line, under the names of its file: the same for the same
    rule however its file was laid out. What it does not say is left out."""
    own = rule.budget is None and not rule.detector  # it states thresholds of its own
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
        "thresholds": dict(rule.thresholds) or None,  # of its budget, by source
        "hold_for": rule.hold_for,
        "keep_for": rule.keep_for,
        "cool_down": rule.cool_down,
        "offices": list(rule.offices),
        "playbook": rule.playbook,
        "acknowledge_within_hours": within and within // timedelta(hours=1),
        "rise": rule.rise and _OneLine(_stated(asdict(rule.rise))),
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
    """A mapping that is written on one line, whatever it holds."""


class _LineEach(yaml.SafeDumper):
    """Writes every `_OneLine` on one line."""


_LineEach.add_representer(
    _OneLine,
    lambda dumper, data: dumper.represent_mapping("tag:yaml.org,2002:map", data, flow_style=True),
)


def _stated(said: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in said.items() if value is not None}


def read_cuts(text: str, file: str = "bands.yaml") -> dict[tuple[Target, Level], BandCuts]:
    """Band cuts of every served target and level; raises SettingsError with file and line."""
    targets = read(text, file).fields(tuple(target.value for target in SERVED_TARGETS), ())
    cuts = {}
    for target in SERVED_TARGETS:
        levels = targets.values[target.value].fields(tuple(level.value for level in Level), ())
        for level in Level:
            cuts[target, level] = _cuts(levels.values[level.value])
    return cuts


def _cuts(item: Located) -> BandCuts:
    names = ("guarded", "elevated", "high", "critical")
    fields = item.fields(names, ())
    values = [fields.probability(name) for name in names]
    if values != sorted(set(values)):
        raise item.wrong("guarded, elevated, high and critical must ascend")
    return BandCuts(*values)
