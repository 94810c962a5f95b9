from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pytest

from ewarn.domain.time import WEEK, midnight
from ewarn.frames.panel import Panel
from ewarn.panel.calendar import calendar_of
from models.inputs.votes import polling_near, weeks_to_votes
from tests import events

PanelOf = Callable[..., Panel]
VOTE = date(2014, 12, 1)


def dated(panel: Panel, known: date, tags: str = "calendar:vote;topic:election") -> Panel:
    """A panel with one vote in Togo on its calendar, known since a day."""
    frame = events.frame(
        events.row("v", kind="election", occurred_on=VOTE, known_at=midnight(known), tags=tags)
    )
    entries = calendar_of(frame, midnight(panel.origin), panel.regions, panel.first_week)
    return replace(panel, calendar=entries)


@pytest.mark.parametrize(
    ("weeks", "near"), [(-8, False), (-7, True), (0, True), (8, True), (9, False)]
)
def test_polling_is_near_within_eight_weeks(panel_of: PanelOf, weeks: int, near: bool) -> None:
    panel = panel_of(200, regions=("TGO", "TG-M", "BEN"), parents={"TG-M": "TGO"})
    found = dated(panel.until(VOTE + weeks * WEEK), VOTE - timedelta(days=300))
    assert polling_near(found, 8).tolist() == [near, near, False]


def test_a_vote_is_near_only_once_it_is_known(panel_of: PanelOf) -> None:
    panel, known = panel_of(200), VOTE + timedelta(days=1)
    assert not polling_near(dated(panel.until(VOTE), known), 8).any()
    assert polling_near(dated(panel.until(VOTE + WEEK), known), 8).all()


def test_what_is_no_vote_is_no_polling(panel_of: PanelOf) -> None:
    panel = panel_of(200).until(VOTE)
    announced = dated(panel, VOTE - timedelta(days=90), "calendar:announced;topic:election")
    assert not polling_near(announced, 8).any()


def test_weeks_to_and_since_votes_at_past_weeks(panel_of: PanelOf) -> None:
    panel = dated(panel_of(200).until(VOTE + 2 * WEEK), VOTE - timedelta(days=300))
    found = weeks_to_votes(panel, np.array([0]), weeks=5)[:, 0]
    assert found[:, 0].tolist() == [2, 1, 0, 52, 52]
    assert found[:, 1].tolist() == [52, 52, 52, 0, 1]
    assert found[:, 2].tolist() == [52] * 5


def test_a_vote_that_was_put_off_is_none(panel_of: PanelOf) -> None:
    panel = panel_of(200).until(VOTE + 3 * WEEK)
    off = dated(panel, VOTE, "calendar:vote;calendar:postponed;topic:election")
    assert weeks_to_votes(off, np.array([0]), weeks=1)[0, 0].tolist() == [52, 52, 2]


def test_without_a_calendar_nothing_is_known(panel_of: PanelOf) -> None:
    assert np.isnan(weeks_to_votes(panel_of(20), np.array([0]), weeks=2)).all()
    assert not polling_near(panel_of(20), 8).any()
