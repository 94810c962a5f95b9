from collections.abc import Callable
from datetime import date, timedelta

import pytest

from ewarn.domain.time import WEEK, midnight
from ewarn.frames.panel import Panel
from models.polling import Polling, polling_of
from tests import events

PanelOf = Callable[..., Panel]
VOTE = date(2014, 12, 1)


def calendar(known: date, tags: str = "calendar:vote;topic:election") -> Polling:
    """One vote in Togo, known since a day."""
    return polling_of(
        events.frame(
            events.row("v", kind="election", occurred_on=VOTE, known_at=midnight(known), tags=tags)
        )
    )


@pytest.mark.parametrize(
    ("weeks", "near"), [(-9, False), (-8, True), (0, True), (8, True), (9, False)]
)
def test_polling_is_near_within_eight_weeks(panel_of: PanelOf, weeks: int, near: bool) -> None:
    panel = panel_of(200, regions=("TGO", "TG-M", "BEN"), parents={"TG-M": "TGO"})
    found = calendar(VOTE - timedelta(days=300))(panel.until(VOTE + weeks * WEEK))
    assert found.tolist() == [near, near, False]


def test_a_vote_is_near_only_once_it_is_known(panel_of: PanelOf) -> None:
    late = calendar(VOTE + timedelta(days=1))
    panel = panel_of(200)
    assert not late(panel.until(VOTE)).any()
    assert late(panel.until(VOTE + WEEK)).all()


def test_what_is_no_vote_is_no_polling(panel_of: PanelOf) -> None:
    announced = calendar(VOTE - timedelta(days=90), "calendar:announced;topic:election")
    assert not announced(panel_of(200).until(VOTE)).any()
