"""`benchmarks.outcomes` where people tell of killings by states, as `--outcomes ucdp` does it.

`python -m benchmarks.run killings`. The worlds are the same; in a trial an outcome counts as known
half a year after it happened.
"""

from benchmarks import outcomes
from benchmarks.rows import Row
from models.research.simulated_world import OTHER_PEOPLE


def main(worlds: int = outcomes.WORLDS) -> list[Row]:
    """Calibration and log scores over several worlds, and trials of shuffled outcomes."""
    return outcomes.main(worlds, OTHER_PEOPLE)
