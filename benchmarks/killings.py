"""`benchmarks.outcomes` with a source of outcomes on killings by states, like `--outcomes ucdp`.

`python -m benchmarks.run killings`. The worlds are the same. In a promotion test an outcome counts
as known half a year after it happened.
"""

from benchmarks import outcomes
from benchmarks.rows import Row
from models.research.simulated_world import OTHER_PEOPLE


def main(worlds: int = outcomes.WORLDS) -> list[Row]:
    """Measure calibration and log scores over several worlds, and with shuffled outcomes."""
    return outcomes.main(worlds, OTHER_PEOPLE)
