"""What the page of sources shows: how each source is doing, and what it cannot show."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from babel.dates import format_timedelta

from api.pages.page import WebPage
from ewarn.domain.baseline import LEAST_WEEKS
from ewarn.domain.source import Health
from ewarn.notify.messages.labels import health_words

Record = Mapping[str, Any]

# The chip of each health in the style sheet. Every other health is a fault.
_CHIPS = {Health.OK: "ok", Health.LATE: "late", Health.DISABLED: "off"}
_BAR, _GAP, _HEIGHT = 20.0, 4.0, 56.0  # of the bars of a week, in units of the drawing


@dataclass(frozen=True, slots=True)
class WeekBar:
    """The bar of a week: its left edge, top and height; `events` is None if nobody observed it."""

    week: str
    events: int | None
    x: float
    y: float
    height: float


@dataclass(frozen=True, slots=True)
class SourceView:
    """A source as the page shows it.

    Attributes:
        record: The source, as the API gives it.
        health: Its health in words, as they follow its name.
        chip: The look of its health.
        since_read: How long ago it was last read, in words; empty if it never was.
        since_event: When its newest event was, such as `3 days ago`; empty without one.
        cadence: How often something new is expected of it, in words; empty if not known.
        is_behind: Whether it was not read for longer than that.
        bars: Its events by week; none if its counts are not passed on.
        consequence: What cannot be detected with what was read of its past, in words.
    """

    record: Record
    health: str
    chip: str
    since_read: str
    since_event: str
    cadence: str
    is_behind: bool
    bars: Sequence[WeekBar]
    consequence: str

    @property
    def name(self) -> str:
        """The name of the source."""
        return str(self.record["source"])

    @property
    def is_well(self) -> bool:
        """Whether silence of the source means that nothing happened."""
        return bool(self.record["health"] == Health.OK)

    @property
    def is_off(self) -> bool:
        """Whether the source is not set up."""
        return bool(self.record["health"] == Health.DISABLED)

    @property
    def mean(self) -> float | None:
        """The mean number of events of the weeks that were observed; None without one."""
        seen = [bar.events for bar in self.bars if bar.events is not None]
        return sum(seen) / len(seen) if seen else None


@dataclass(frozen=True, slots=True)
class SourcesView:
    """The sources at a moment: those that have a fault first, those that are not set up last."""

    as_of: str
    sources: Sequence[SourceView]

    @property
    def on(self) -> Sequence[SourceView]:
        """The sources that are set up."""
        return [source for source in self.sources if not source.is_off]

    @property
    def off(self) -> Sequence[SourceView]:
        """The sources that are not set up."""
        return [source for source in self.sources if source.is_off]

    @property
    def unwell(self) -> Sequence[SourceView]:
        """The sources that are set up and of which silence says nothing."""
        return [source for source in self.on if not source.is_well]


async def sources_view(page: WebPage) -> SourcesView:
    """Read the sources.

    Raises:
        Problem: The key may not read sources, or the moment is wrong.
    """
    answer = await page.api.whole("/v1/sources", as_of=page.as_of)
    moment = datetime.fromisoformat(answer["as_of"])
    seen = [_source(page, record, moment) for record in answer["items"]]
    ordered = sorted(seen, key=lambda each: (each.is_off, each.is_well, each.name))
    return SourcesView(answer["as_of"], ordered)


def _source(page: WebPage, record: Record, moment: datetime) -> SourceView:
    gettext = page.gettext
    health, hours = Health(record["health"]), record["cadence_hours"]
    cadence = None if hours is None else timedelta(hours=hours)
    read = record["last_success_at"]
    since_read = None if read is None else moment - datetime.fromisoformat(read)
    return SourceView(
        record=record,
        health=gettext("works") if health is Health.OK else health_words(health, page.language),
        chip=_CHIPS.get(health, "failing"),
        since_read="" if since_read is None else _long(since_read, page.language),
        since_event=_since_event(page, record, moment),
        cadence="" if cadence is None else _long(cadence, page.language),
        is_behind=bool(since_read and cadence and since_read > cadence),
        bars=week_bars(record["events_by_week"]),
        consequence=consequence_of(page, record["baseline"]),
    )


def _since_event(page: WebPage, record: Record, moment: datetime) -> str:
    gettext = page.gettext
    day = record["last_event_on"]
    if day is None:
        return ""
    days = (moment.date() - datetime.fromisoformat(day).date()).days
    if days <= 0:
        return gettext("today")
    ago = format_timedelta(
        timedelta(days=days), granularity="day", threshold=2, locale=page.language
    )
    return gettext("%(time)s ago", time=ago)


def _long(time: timedelta, language: str) -> str:
    """Return a length of time in its largest unit, such as `3 hours`."""
    return format_timedelta(time, threshold=2, locale=language)


def week_bars(weeks: Sequence[Record]) -> Sequence[WeekBar]:
    """Return the bars of weekly counts, on the scale of the largest one."""
    most = max((week["count"] or 0 for week in weeks), default=0)
    bars = []
    for at, week in enumerate(weeks):
        height = round(_HEIGHT * (week["count"] or 0) / max(most, 1), 1)
        x = round(at * (_BAR + _GAP), 1)
        bars.append(WeekBar(week["week"], week["count"], x, _HEIGHT - height, height))
    return bars


def consequence_of(page: WebPage, baseline: Record | None) -> str:
    """Return what a short past means for warnings; empty if the past is long enough."""
    gettext = page.gettext
    if baseline is None or baseline["is_whole"]:
        return ""
    if baseline["weeks_read"] < LEAST_WEEKS:
        return gettext(
            "Before %(weeks)s weeks are read nothing counts as unusual, and nobody is warned.",
            weeks=LEAST_WEEKS,
        )
    return gettext(
        "What is usual is not known well yet: some warnings will be missed, some will be wrong."
    )
