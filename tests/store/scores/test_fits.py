"""Tests of fits and champions on both databases: past promotions are never rewritten."""

import json
from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import text

from ewarn.domain.fit import Fit, Promotion, Purpose, canonical, sha256_of
from ewarn.domain.region import Level
from ewarn.domain.target import Target
from ewarn.errors import ModelError, UnknownName
from ewarn.store.database.cuts import Cut
from ewarn.store.database.engine import Store
from ewarn.store.scores import fits
from tests.scores import moment

PURPOSE = Purpose("invented", Target.FORCE, Level.COUNTRY, 4)
HOUR = timedelta(hours=1)


def fit(week: int, purpose: Purpose = PURPOSE, **card: object) -> Fit:
    document = canonical({"card": {"week": week} | card, "weights": [0.25, 0.75]})
    return Fit(
        id=0,
        name="ensemble",
        version="1",
        purpose=purpose,
        document=document,
        sha256=sha256_of(document),
        first_week=date(2014, 1, 6),
        labels_before=date(2019, 7, 1),
        as_of=moment(week),
        fitted_at=moment(week) + HOUR,
    )


def stored(store: Store, made: Fit) -> Fit:
    with store.write() as connection:
        return fits.load(connection, fits.add(connection, made))


def promote(store: Store, made: Fit, week: int, reason: str = "it won") -> None:
    at = moment(week)
    with store.write() as connection:
        fits.promote(
            connection,
            Promotion(made.id, made.purpose, made.sha256, at + HOUR, at, "a test", reason, {}),
        )


def champions(store: Store, cut: Cut, source: str = "invented") -> list[int]:
    with store.read() as connection:
        return [item.id for item in fits.champions(connection, cut, source)]


def test_what_is_stored_is_what_is_loaded(store: Store) -> None:
    made = fit(0, words="Lomé, 4 µ")
    found = stored(store, made)
    assert replace(found, id=0) == made
    assert found.card == {"week": 0, "words": "Lomé, 4 µ"}
    assert found.stamped == f"ensemble@1+{made.sha256[:8]}"
    assert stored(store, made).id == found.id, "the same document is stored once"
    assert stored(store, fit(1)).id != found.id
    with store.read() as connection:
        assert [item.id for item in fits.every(connection, Cut.at(moment(0) + HOUR))] == [found.id]
        newest = fits.newest(connection, PURPOSE)
        assert newest is not None
        assert newest.as_of == moment(1)
        assert fits.newest(connection, replace(PURPOSE, horizon_weeks=8)) is None
        with pytest.raises(UnknownName, match="no fitted model 99"):
            fits.load(connection, 99)


def test_the_champion_of_any_moment_is_a_query_with_two_cuts(store: Store) -> None:
    first, second = stored(store, fit(0)), stored(store, fit(4))
    promote(store, first, 0)
    promote(store, second, 4)
    promote(store, first, 6, "the second was fitted during an outage")
    assert champions(store, Cut.at(moment(0))) == [], "recorded an hour later"
    assert champions(store, Cut.at(moment(0) + HOUR)) == [first.id]
    assert champions(store, Cut.at(moment(5))) == [second.id]
    assert champions(store, Cut.at(moment(7))) == [first.id]
    assert champions(store, Cut(moment(2), moment(7))) == [first.id], "the second knew too much"
    assert champions(store, Cut(recorded_by=moment(4))) == [first.id]
    assert champions(store, Cut(), "another") == []
    with store.read() as connection:
        told = fits.promotions(connection, Cut())
    assert [item.fit_id for item in told] == [first.id, second.id, first.id]
    assert told[2].reason == "the second was fitted during an outage"


def test_each_purpose_has_its_own_champion(store: Store) -> None:
    other = replace(PURPOSE, level=Level.ADMIN1)
    first, second = stored(store, fit(0)), stored(store, fit(0, other))
    for made in (first, second):
        promote(store, made, 0)
    assert champions(store, Cut()) == [first.id, second.id]
    with store.read() as connection:
        (only,) = fits.champions(connection, Cut(), "invented", other)
    assert only.id == second.id


@pytest.mark.parametrize("also_hash", [False, True])
def test_what_was_altered_is_not_loaded_even_if_its_hash_was_altered_too(
    store: Store, also_hash: bool
) -> None:
    made = stored(store, fit(0))
    promote(store, made, 0)
    document = json.dumps({"card": {"week": 0}, "weights": [0.0, 1.0]})
    with store.write() as connection:
        connection.execute(text("UPDATE fitted_model SET document = :d"), {"d": document})
        if also_hash:
            digest = {"h": sha256_of(document)}
            connection.execute(text("UPDATE fitted_model SET sha256 = :h"), digest)
    with store.read() as connection:
        with pytest.raises(ModelError, match=rf"fitted model {made.id} .* was altered .* promote"):
            fits.champions(connection, Cut(), "invented")
        if not also_hash:
            with pytest.raises(ModelError, match="was altered after it was stored"):
                fits.load(connection, made.id)


def test_a_document_holds_no_number_that_json_lacks() -> None:
    assert canonical({"b": 1, "a": [0.1]}) == '{"a":[0.1],"b":1}'
    with pytest.raises(ValueError, match="not JSON compliant"):
        canonical({"a": float("nan")})
