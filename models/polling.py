"""Polling days as a calendar gave them at any origin: where the target `election` is asked."""

from dataclasses import dataclass
from datetime import datetime

import numpy as np
import numpy.typing as npt
import pandas as pd

from ewarn.domain.kinds import CALENDAR
from ewarn.domain.time import midnight
from ewarn.frames.panel import Panel
from models.targets import POLLING_WEEKS

VOTE = f"{CALENDAR}vote"


@dataclass(frozen=True)
class Polling:
    """Days of votes, with the moment each became known; arrays of one length (votes,).

    A vote whose announcement the calendar does not date counts as known from the day after it:
    then only the weeks after it are asked about.
    """

    country: npt.NDArray[np.str_]
    day: npt.NDArray[np.datetime64]
    known_at: npt.NDArray[np.datetime64]

    def near(
        self, origin: datetime, countries: npt.NDArray[np.str_], weeks: int
    ) -> npt.NDArray[np.bool_]:
        """Whether each of `countries` polls within `weeks` weeks of `origin`, as known then."""
        day = np.datetime64(origin.date())
        distance = np.abs((self.day - day).astype("timedelta64[D]").astype(np.int64))
        known = self.known_at <= np.datetime64(origin.replace(tzinfo=None))
        return np.isin(countries, self.country[known & (distance <= 7 * weeks)])

    def __call__(self, panel: Panel) -> npt.NDArray[np.bool_]:
        """Where polling lies within eight weeks of the panel's origin, bool (regions,)."""
        countries = np.array([panel.parents.get(name, name) for name in panel.regions], np.str_)
        return self.near(midnight(panel.origin), countries, POLLING_WEEKS)


def polling_of(frame: pd.DataFrame) -> Polling:
    """The votes of an event frame of a calendar, newest version of each as it stands there."""
    is_vote = frame["tags"].str.split(";").map(lambda tags: VOTE in tags).astype(bool)
    votes = frame[is_vote & ~frame["deleted"] & (frame["date_precision"] == "day")]
    return Polling(
        country=votes["country"].to_numpy(dtype=np.str_),
        day=votes["occurred_on"].to_numpy(dtype="datetime64[D]"),
        known_at=votes["known_at"].dt.tz_convert(None).to_numpy(dtype="datetime64[us]"),
    )
