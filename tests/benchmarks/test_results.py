"""Tests that the page of results has the newest of each figure and agrees with the log."""

from benchmarks import results

TABLE = """## 2020-01-0{day} 10:00 UTC, commit c{day}

2 cores; `python -m benchmarks.run polls`

| what | figure | reference | ratio |
|---|---|---|---|
| a poll of {number} rows | {day} ms | empty: 1 ms | {day}.0 times |
"""
TEST = """## Test of force, 4 weeks: 2020-01-0{day} 11:00 UTC, commit c{day}

### Bars

PASS  messages: at most 0.5: 0.{day} (0.1 to 0.6)
short aim: onsets before, 30%: 0.2{day}
"""


def test_the_newest_of_each_figure_and_bar_counts() -> None:
    sections = [
        TABLE.format(day=1, number=100),
        TEST.format(day=1),
        TABLE.format(day=2, number=250),
        TEST.format(day=3),
    ]
    lines = results.page(iter(sections)).splitlines()
    assert [line for line in lines if "a poll" in line] == [
        "| a poll of 250 rows | 2 ms | empty: 1 ms | 2.0 times | 2020-01-02, c2 "
        "| `python -m benchmarks.run polls` |"
    ]
    assert [line for line in lines if line.startswith(("| messages", "| aim"))] == [
        "| messages: at most 0.5 | yes | 0.3 (0.1 to 0.6) | 2020-01-03, c3 |",
        "| aim: onsets before, 30% | no | 0.23 | 2020-01-03, c3 |",
    ]


def test_the_page_is_the_one_that_the_log_makes() -> None:
    made = results.page(results._sections())
    assert results.PAGE.read_text("utf-8") == made, "run `python -m benchmarks.results`"
