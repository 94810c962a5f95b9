"""How old the newest scores are, so that old ones never look live."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import Connection

from ewarn.domain.score import Score
from ewarn.domain.time import midnight
from ewarn.store import scores

OLD_AFTER = timedelta(days=14)  # two origins: one may be late, two missing ones are not an accident
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Freshness:
    """When the newest scores of each source were recorded and of which origin, at a moment."""

    newest: Mapping[str, tuple[datetime, date]]
    moment: datetime

    @property
    def old(self) -> dict[str, date]:
        """The origins that lie too long before the moment, by source."""
        return {
            source: origin
            for source, (_, origin) in sorted(self.newest.items())
            if _old_from(origin) <= self.moment
        }

    @property
    def since(self) -> datetime | None:
        """Since when nothing changed: no scores came, and none became old. None without scores."""
        turns = [recorded_at for recorded_at, _ in self.newest.values()]
        turns += [_old_from(origin) for origin in self.old.values()]
        return max(turns, default=None)

    def notice(self, shown: Collection[Score]) -> str:
        """What to say of the sources shown (nothing shown: of all) whose scores are old."""
        sources = {score.sources[0].source for score in shown} or set(self.newest)
        return "; ".join(
            f"the newest scores{self._named(source)} are of {origin}: nothing has been scored since"
            for source, origin in self.old.items()
            if source in sources
        )

    def _named(self, source: str) -> str:
        return f" of {source}" if len(self.newest) > 1 else ""


def freshness(connection: Connection, runs: Mapping[str, int], moment: datetime) -> Freshness:
    """The freshness of the newest run of each source."""
    found = {source: scores.newest_run(connection, [run]) for source, run in runs.items()}
    return Freshness({name: newest for name, newest in found.items() if newest}, moment)


def reconstructed(score: Score) -> str:
    """What to say of a score that was computed long after its origin; else nothing."""
    if score.recorded_at < _old_from(score.as_of.date()):
        return ""
    day = score.recorded_at.date()
    return f"reconstructed on {day} from what was known at its origin"


def _old_from(day: date) -> datetime:
    """The first midnight from which a day lies more than `OLD_AFTER` back."""
    return midnight(day) + OLD_AFTER + _DAY
