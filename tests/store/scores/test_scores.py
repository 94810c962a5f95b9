from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from ewarn.domain.score import Driver
from ewarn.domain.score import Score as ScoreRow
from ewarn.store.database.cuts import Cut
from ewarn.store.database.engine import Store
from ewarn.store.scores import score_age, score_pages, score_standing, scores
from ewarn.store.scores.scores import ScoreFilter
from tests.scores import moment, origin, score

LATER = datetime(2030, 1, 1, tzinfo=UTC)


def record(store: Store, week: int, *rows: ScoreRow, at: datetime | None = None) -> int:
    with store.write() as connection:
        return scores.record(
            connection, "invented", origin(week), f"inputs {week} {at}", rows, at or moment(week)
        )


def test_a_score_is_read_back_whole(store: Store) -> None:
    driver = Driver("invented:force", date(2019, 12, 9), date(2019, 12, 30), 0.5, 2, ("e1", "e2"))
    others: dict[str, Any] = {
        "members": (("base-rate", 0.1),),
        "false_discovery": 0.0625,
        "relative_risk": 3.5,
    }
    one = score(0.3, drivers=(driver,), **others)
    run = record(store, 0, one)
    with store.read() as connection:
        (found,) = scores.in_runs(connection, [run], ScoreFilter())
        assert scores.by_id(connection, int(found.id)) == found
        assert scores.by_id(connection, 10**9) is None
    assert found == score(0.3, drivers=(driver,), id=found.id, **others)


def test_the_latest_run_is_that_of_the_latest_origin_under_the_cut(store: Store) -> None:
    first = record(store, 0, score(0.1, 0))
    second = record(store, 1, score(0.2, 1))
    again = record(store, 1, score(0.3, 1), at=moment(2))
    with store.read() as connection:
        assert scores.latest_runs(connection, Cut.at(moment(0))) == {"invented": first}
        assert scores.latest_runs(connection, Cut.at(moment(1))) == {"invented": second}
        assert scores.latest_runs(connection, Cut.at(LATER)) == {"invented": again}
        assert scores.latest_runs(connection, Cut(), origin=origin(0)) == {"invented": first}
        assert scores.newest_origin(connection, Cut.at(moment(0))) == origin(0)
        assert scores.inputs_of_last_run(connection, "invented", origin(5)) is None


def test_history_shows_one_score_for_each_origin_the_newest_recorded(store: Store) -> None:
    record(store, 0, score(0.1, 0))
    record(store, 1, score(0.2, 1))
    record(store, 1, score(0.3, 1), at=moment(2))

    def shown(cut: Cut, **others: object) -> list[float | None]:
        with store.read() as connection:
            found = score_pages.history(connection, cut, ScoreFilter(**others), limit=99)  # type: ignore[arg-type]
        return [item.probability for item in found]

    assert shown(Cut.at(LATER)) == [0.1, 0.3]
    assert shown(Cut.at(moment(1))) == [0.1, 0.2]
    assert shown(Cut.at(LATER), since=origin(1)) == [0.3]
    assert shown(Cut.at(LATER), until=origin(0)) == [0.1]


def test_scores_are_filtered_and_paged(store: Store) -> None:
    rows = [score(0.1 * (number + 1), region=f"TG-{number}") for number in range(3)]
    run = record(store, 0, *rows, score(None, region="TGO"))
    with store.read() as connection:
        first = scores.in_runs(connection, [run], ScoreFilter(countries=("TGO",)), limit=2)
        after = int(first[-1].id)
        rest = scores.in_runs(connection, [run], ScoreFilter(), after=after)
        assert [item.region for item in first + rest] == ["TG-0", "TG-1", "TG-2", "TGO"]
        strong = scores.in_runs(connection, [run], ScoreFilter(at_least=0.25))
        assert [item.region for item in strong] == ["TG-2", "TGO"]
        for nothing in (
            ScoreFilter(regions=("BEN",)),
            ScoreFilter(targets=("escalation",)),
            ScoreFilter(horizon_weeks=8),
        ):
            assert scores.in_runs(connection, [run], nothing) == []


def test_scores_of_a_country_stand_since_the_run_that_changed_them(store: Store) -> None:
    here, there = score(0.1, region="TGO"), score(0.1, region="GHA", country="GHA")
    first = record(store, 0, here, there)
    compared = replace(here, relative_risk=2.0)  # with other countries: nothing changed here
    second = record(store, 0, compared, replace(there, probability=0.2), at=moment(1))

    def standing(cut: Cut, *countries: str) -> list[tuple[int, int]]:
        with store.read() as connection:
            runs = scores.latest_runs(connection, cut).values()
            found = score_standing.of_runs(connection, runs, countries)
        return [(each.since_run, each.countries) for each in found]

    assert standing(Cut(), "TGO") == [(first, 1)]
    assert standing(Cut(), "GHA") == [(second, 1)]
    assert standing(Cut()) == [(second, 2)]
    assert standing(Cut.at(moment(0))) == [(first, 2)]
    assert standing(Cut(), "BEN") == []
    with store.read() as connection:
        found = score_pages.standing(connection, [second], ScoreFilter())
        told = {item.country: item.probability for item in found}
        assert told == {"TGO": 0.1, "GHA": 0.2}
        assert len(found) == 2, "nothing is doubled"
    again = record(store, 1, here, at=moment(2))
    assert standing(Cut(), "TGO") == [(again, 1)], "another origin is another answer"


CONTENT = st.fixed_dictionaries(
    {
        "country": st.sampled_from(["TGO", "BEN"]),
        "region": st.text(max_size=3),
        "probability": st.none() | st.floats(0, 1),
    }
)


@given(st.lists(CONTENT, max_size=6), st.data())
def test_a_digest_is_of_the_scores_and_not_of_their_order(
    rows: list[dict[str, Any]], data: Any
) -> None:
    found = score_standing.digests(rows)
    assert found.keys() == {row["country"] for row in rows}
    again = [dict(reversed(row.items())) for row in data.draw(st.permutations(rows))]
    assert score_standing.digests(again) == found
    for row in rows:
        others = [*rows, row | {"region": "another"}]
        assert score_standing.digests(others)[row["country"]] != found[row["country"]]


def test_the_last_run_of_a_source_has_the_number_of_its_scores(store: Store) -> None:
    record(store, 0, score(0.1, 0), score(0.2, 0, region="TG-M"))
    record(store, 1, at=moment(1))
    record(store, 0, score(0.1, 0), score(0.2, 0, region="TG-M"), at=moment(2))
    with store.read() as connection:
        (first,) = score_age.last_runs(connection, Cut.at(moment(0)))
        (last,) = score_age.last_runs(connection, Cut.at(moment(3)))
        assert score_age.last_runs(connection, Cut.at(moment(-1))) == []
    assert (first.source, first.origin, first.recorded_at) == ("invented", origin(0), moment(0))
    assert (first.scores, last.scores) == (2, 0), "a run without scores counts none"
    assert last.origin == origin(1)
