import itertools
import re
from dataclasses import replace
from datetime import timedelta
from importlib.resources import files

import pytest

from ewarn.domain.region import Level
from ewarn.domain.rule import QuietRise, Rise
from ewarn.domain.target import SERVED_TARGETS, Target
from ewarn.errors import SettingsError
from ewarn.rulebook.offices import check_offices, read_offices
from ewarn.rulebook.playbooks import read_playbooks
from ewarn.rulebook.rules import read_cuts, read_rules, rule_hash, rule_text

RULE = """\
- id: one
  target: force
  level: country
  horizon_weeks: 4
  raise_at: 0.2
  close_below: 0.1
"""
STEM = RULE[: RULE.index("  raise_at")]
BUDGET = STEM + "  budget: 12\n"
SHARE = STEM + "  detector: true\n  false_discovery: 0.1\n"
CHOOSY = SHARE + "  sources: [gdelt, ucdp]\n  without_probability: true\n"
RISE = (
    STEM
    + "  close_below: 0.01\n"
    + ("  rise: {floor: 0.02, factor: 1.6, weeks: 4, again_after: 6, again_factor: 1.5}\n")
)
QUIET = RISE.replace("1.5}", "1.5, quiet: {times: 3, again_after: 13}}")


def default(name: str) -> str:
    return (files("ewarn.rulebook") / "defaults" / name).read_text(encoding="utf-8")


def test_a_rule_has_defaults_for_what_it_does_not_say() -> None:
    (rule,) = read_rules(RULE)
    assert (rule.hold_for, rule.keep_for, rule.cool_down, rule.offices) == (1, 2, 4, ("*",))


def test_a_budget_states_no_threshold_and_closes_as_its_test_counted() -> None:
    (rule,) = read_rules("\n" + BUDGET)
    assert (rule.budget, rule.keep_for, rule.stands_at) == (12.0, 8, "rules.yaml, line 2")
    assert rule.raises_at("gdelt") == rule.closes_below("gdelt") == 1.0
    given = replace(rule, thresholds=(("gdelt", 0.3), ("mass-mobilization", 0.1)))
    assert given.raises_at("gdelt") == given.closes_below("gdelt") == 0.3
    assert given.raises_at("another") == 1.0
    assert given.lowest == 0.1


def test_a_detector_s_rule_may_say_how_often_chance_may_bring_an_alarm() -> None:
    (rule,), (plain,) = read_rules(SHARE), read_rules(STEM + "  detector: true\n")
    assert (rule.detector, rule.false_discovery) == (True, 0.1)
    assert (plain.detector, plain.false_discovery) == (True, None)
    assert rule_hash(rule) != rule_hash(plain)


def test_a_detector_s_rule_may_name_its_sources_and_leave_probabilities_to_others() -> None:
    (rule,), (plain,) = read_rules(CHOOSY), read_rules(SHARE)
    assert (rule.sources, rule.without_probability) == (("gdelt", "ucdp"), True)
    assert (plain.sources, plain.without_probability) == ((), False)
    assert rule_hash(rule) != rule_hash(plain)


def test_gdelt_is_listened_to_at_both_levels_until_it_has_a_probability() -> None:
    found = [rule for rule in read_rules(default("rules.yaml")) if rule.detector]
    assert {rule.level for rule in found} == set(Level)
    assert {rule.target for rule in found} == {Target.ESCALATION}
    assert {rule.false_discovery for rule in found} == {0.15}
    assert all(rule.sources == ("gdelt",) and rule.without_probability for rule in found)


def test_where_a_rule_stands_is_no_part_of_what_it_says_but_its_thresholds_are() -> None:
    (rule,), (lower,) = read_rules(BUDGET), read_rules("\n" + BUDGET)
    assert rule_hash(rule) == rule_hash(lower)
    assert rule_hash(rule) != rule_hash(replace(rule, thresholds=(("gdelt", 0.3),)))


@pytest.mark.parametrize("more", ["", "  offices: [dakar, é]\n  acknowledge_within_hours: 24\n"])
@pytest.mark.parametrize(
    "text", [RULE, BUDGET, SHARE, CHOOSY, RISE, QUIET, RULE.replace("one", "'no: #1'")]
)
def test_the_text_that_is_kept_of_a_rule_says_all_of_it_a_line_each(text: str, more: str) -> None:
    (rule,) = read_rules(text + more + "  playbook: watch\n")
    kept = rule_text(rule)
    assert all(re.match(r"[a-z_]+: \S", line) for line in kept.splitlines())
    as_in_a_file = "- " + kept.replace("\n", "\n  ").rstrip()
    assert read_rules(as_in_a_file) == (rule,)


def test_the_text_of_a_rule_does_not_change_by_itself() -> None:
    """Hashes of texts stand in the chain of alerts: another layout would make every rule new."""
    (rule,) = read_rules(BUDGET)
    assert rule_text(replace(rule, thresholds=(("gdelt", 0.3),))).splitlines() == [
        "id: one",
        "target: force",
        "level: country",
        "horizon_weeks: 4",
        "budget: 12.0",
        "thresholds: {gdelt: 0.3}",
        "hold_for: 1",
        "keep_for: 8",
        "cool_down: 4",
        "offices: ['*']",
    ]


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (
            RULE + "  raize_at: 1\n",
            "rules.yaml, line 7: 'raize_at' is not a field here; did you mean 'raise_at'? ",
        ),
        (RULE.replace("0.2", "2"), "line 5: 'raise_at' is 2; a probability lies between 0 and 1"),
        (RULE.replace("0.1", "0.3"), "line 6: 'close_below' (0.3) must not lie above 'raise_at'"),
        (RULE.replace("force", "peace"), "line 2: 'peace' is not a target; use one of force,"),
        (
            RULE.replace("force", "onset"),
            "'onset' is evaluated in back-tests only and never scored",
        ),
        (RULE.replace("  target: force\n", ""), "line 1: the field 'target' is missing"),
        (RULE.replace("  raise_at: 0.2\n", ""), "line 1: the field 'raise_at' is missing"),
        (RULE + RULE, "line 7: a rule called 'one' is already defined above"),
        (RULE.replace("horizon_weeks: 4", "horizon_weeks: 0"), "line 4: 'horizon_weeks' must be"),
        (RULE + "  detector: false\n", "line 7: 'detector' is either true or left out"),
        ("- id: [", "line 1: this is not YAML"),
        ("id: one", "line 1: a list is expected here"),
        ("- 7", "line 1: a mapping of names to values is expected here"),
        ("", "rules.yaml is empty"),
        (RULE + "  offices: [[yes]]\n", "line 7: 'offices' must list texts"),
        (
            RULE + "  raise_at: 0.3\n",
            "line 7: 'raise_at' is given twice, first on line 5: keep one",
        ),
        (RULE.replace("horizon_weeks: 4", "horizon_weeks: 010"), "line 4: 'horizon_weeks' must be"),
        (RULE + "  hold_for: 0x2\n", "line 7: 'hold_for' must be a whole number"),
        (RULE + "  hold_for: 1_0\n", "line 7: 'hold_for' must be a whole number"),
        (RULE.replace("id: one", "id: ''"), "line 1: 'id' must be a text"),
        (RULE.replace("0.2", "much"), "line 5: 'raise_at' must be a probability"),
        (RULE + "  budget: 12\n", "line 5: a rule with a 'budget' takes 'raise_at' from its test"),
        (BUDGET.replace("12", "0"), "line 5: 'budget' must be a number greater than 0"),
        (BUDGET.replace("12", ".inf"), "line 5: 'budget' must be a number greater than 0"),
        (BUDGET + "  keep_for: 7\n", "line 6: 'keep_for' must be a whole number of at least 8"),
        (BUDGET + "  detector: true\n", "line 5: a detector's rule has no rolling test"),
        (SHARE.replace("0.1", "1"), "line 6: 'false_discovery' is 1; a probability lies between"),
        (SHARE.replace("0.1", "0"), "line 6: 'false_discovery' is 0; a probability lies between"),
        (SHARE.replace("0.1", "few"), "line 6: 'false_discovery' must be a probability"),
        (SHARE.replace("0.1", "true"), "line 6: 'false_discovery' must be a probability"),
        (RULE + "  false_discovery: 0.1\n", "line 7: only a rule with 'detector: true' controls"),
        (BUDGET + "  false_discovery: 0.1\n", "line 6: only a rule with 'detector: true' controls"),
        (RULE + "  sources: [gdelt]\n", "line 7: only a rule with 'detector: true' names its"),
        (CHOOSY.replace("[gdelt, ucdp]", "gdelt"), "line 7: a list is expected here"),
        (CHOOSY.replace("[gdelt, ucdp]", "[]"), "line 7: name at least one source"),
        (
            CHOOSY.replace("ility: true", "ility: no"),
            "line 8: 'without_probability' is either true",
        ),
        (
            RULE + "  without_probability: true\n",
            "line 7: only a rule with 'detector: true' uses scores without a probability",
        ),
        (RISE.replace("1.6", "1"), "line 6: 'factor' must be above 1"),
        (RISE.replace("weeks: 4, a", "weeks: 13, a"), "line 6: a rise looks back 12 weeks at most"),
        (RISE + "  detector: true\n", "line 6: a detector's rule uses the detector's bound"),
        (QUIET.replace("times: 3", "times: 1"), "line 6: 'times' must be above 1"),
        (QUIET.replace("times: 3", "times: 51"), "line 6: 'times' must be above 1 and at most 50"),
        (QUIET.replace("again_after: 13", "again_after: 0"), "line 6: 'again_after' must be"),
        (QUIET.replace("again_after: 13", "again_after: 5"), "'again_after' of quiet regions must"),
        (QUIET.replace("times: 3, ", ""), "line 6: the field 'times' is missing"),
        (BUDGET + "  close_below: 0.1\n", "line 6: a rule with a 'budget' takes 'close_below'"),
    ],
)
def test_what_is_wrong_with_rules_is_said_with_its_line(text: str, sentence: str) -> None:
    with pytest.raises(SettingsError) as caught:
        read_rules(text)
    assert sentence in str(caught.value)


def test_a_rise_may_say_what_is_news_where_it_is_quiet() -> None:
    ((plain,), (quiet,)) = read_rules(RISE), read_rules(QUIET)
    assert plain.rise == Rise(0.02, 1.6, 4, 6, 1.5)
    assert quiet.rise == replace(plain.rise, quiet=QuietRise(times=3.0, again_after=13))
    assert "quiet" not in rule_text(plain)
    assert rule_hash(plain) != rule_hash(quiet)


def test_the_hash_of_a_rule_follows_its_meaning_and_not_its_layout() -> None:
    (one,) = read_rules(RULE)
    (laid_out_otherwise,) = read_rules("# a comment\n" + RULE.replace("0.2", "0.20"))
    (another,) = read_rules(RULE.replace("0.2", "0.3"))
    assert rule_hash(one) == rule_hash(laid_out_otherwise) != rule_hash(another)


def test_the_packaged_defaults_are_well_formed_and_fit_together() -> None:
    rules = read_rules(default("rules.yaml"))
    offices = read_offices(default("offices.yaml"))
    playbooks = read_playbooks(default("playbooks.yaml"))
    assert set(read_cuts(default("bands.yaml"))) == set(itertools.product(SERVED_TARGETS, Level))
    check_offices(rules, offices)
    assert {rule.playbook for rule in rules if rule.playbook} <= set(playbooks)
    assert all(not office.recipients for office in offices), "a fresh checkout notifies nobody"


def test_a_rule_says_how_long_it_waits_for_an_answer() -> None:
    (patient,) = read_rules(RULE)
    (asking,) = read_rules(RULE + "  acknowledge_within_hours: 36\n")
    assert patient.acknowledge_within is None
    assert asking.acknowledge_within == timedelta(hours=36)
    with pytest.raises(SettingsError, match="line 7: 'acknowledge_within_hours' must be a whole"):
        read_rules(RULE + "  acknowledge_within_hours: 0\n")


def test_bands_must_ascend() -> None:
    falling = default("bands.yaml").replace("critical:", "critical: 0.0001 #")
    with pytest.raises(SettingsError, match=r"bands.yaml, line \d+: .*must ascend"):
        read_cuts(falling)


def test_an_office_that_nobody_defined_is_named() -> None:
    (rule,) = read_rules(RULE + "  offices: [atlantis]\n")
    said = r"^rules.yaml, line 1: rule 'one' names the office 'atlantis', which offices.yaml does"
    with pytest.raises(SettingsError, match=said):
        check_offices([rule], [])


def test_two_playbooks_of_one_name_are_refused() -> None:
    one = "- {id: a, name: A, suggestion: {en: do this}}\n"
    assert read_playbooks(one)["a"].length_weeks is None
    with pytest.raises(SettingsError, match="'a' is already defined above"):
        read_playbooks(one + one)


@pytest.mark.parametrize(
    ("role", "person", "field"),
    [
        ("[officer]", "[officer, Colonel Inventé]", "team"),
        ("a Government", "Préfet Inventé", "consent_of"),
        ("an office", "desk@example.org", "owner"),
    ],
)
def test_a_playbook_names_no_person(role: str, person: str, field: str) -> None:
    text = (
        "- {id: a, name: A, suggestion: {en: a}, team: [officer], length_weeks: 4,\n"
        "   consent_of: a Government, owner: an office, review_weeks: [4]}\n"
    )
    assert read_playbooks(text)
    line = 1 if field == "team" else 2
    with pytest.raises(SettingsError, match=rf"line {line}: '{field}' must be a role"):
        read_playbooks(text.replace(role, person))


@pytest.mark.parametrize(
    "line", ["hold_for: 521", "keep_for: 999999999", "acknowledge_within_hours: 999999999"]
)
def test_a_number_that_no_calendar_holds_is_refused(line: str) -> None:
    with pytest.raises(SettingsError, match=r"rules\.yaml, line 7: .* is the most"):
        read_rules(RULE + f"  {line}\n")
