"""The verb `back-fill`: read the past of a source from its archive, however often interrupted.

What was read is written down file by file, so that a second call reads only what the first did
not. Nothing here moves the cursor: the worker goes on polling meanwhile.
"""

from collections import Counter, deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import islice

from ewarn.domain.source import Coverage, Health, ListedPayload, Payload, Unread
from ewarn.domain.time import DAY, WEEK, origin_at, week_of
from ewarn.errors import RecordRejected, SourceDenied, SourceRefused, SourceUnreachable, UsageError
from ewarn.pipeline.intake import health
from ewarn.pipeline.intake.ingest import note_unread
from ewarn.pipeline.intake.intake import IngestReport, IntakeOptions, take_in
from ewarn.pipeline.service import Service
from ewarn.ports import BackFill
from ewarn.store.events.events import Appended
from ewarn.store.intake import runs

# Files that are fetched while others are stored: so many, and so many bytes unless it is one.
AT_ONCE = 4
AHEAD = 8
AHEAD_BYTES = 64 * 1024 * 1024
LOT = 500  # files whose names are looked up at a time
MOST_UNANSWERED = 5  # files in a row, before the provider is taken to be down

_CARE = IntakeOptions(move_cursor=False)


@dataclass
class BackFillReport:
    """What a back-fill did so far. `unread` are the files that could not be read, with why."""

    source: str
    since: date
    until: date
    read: int = 0
    known: int = 0
    appended: Appended = field(default_factory=Appended)
    rejected: int = 0
    skipped: int = 0
    unread: list[tuple[str, str]] = field(default_factory=list)
    weeks: int = 0

    @property
    def rows(self) -> int:
        """Rows read, whatever became of them."""
        return self.appended.total + self.rejected + self.skipped

    def add(self, report: IngestReport) -> None:
        """One more file that was read."""
        self.read += 1
        self.appended += report.appended
        self.rejected += len(report.rejected)
        self.skipped += report.skipped.total()


def back_fill(
    service: Service,
    source: BackFill,
    since: date,
    until: date,
    clock: Callable[[], datetime],
    tell: Callable[[ListedPayload, BackFillReport], None] = lambda _item, _report: None,
) -> BackFillReport:
    """Read what an archive holds of the ISO weeks from that of `since` to that of `until`: whole
    weeks, because only those can count as observed.

    A file that cannot be read is written down and the others go on; the worker asks for it again.
    `tell` is told of every file when it is done with. Raises UsageError for days to come, and
    SourceError where the provider is down: what was read stays, and the next call goes on there.
    """
    today = clock().date()
    if since > today:
        raise UsageError(f"--since: {since} lies in the future; today is {today} (UTC)")
    if since > until:
        raise UsageError(f"--until: {until} lies before {since}, the day of --since")
    since, until = week_of(since), min(week_of(min(until, today)) + WEEK - DAY, today)
    work = _Work(service, source, BackFillReport(source.name, since, until), clock, tell)
    work.run()
    work.report.weeks = _record_weeks(service, source, work.spoken, clock())
    return work.report


class _Work:
    """One back-fill on its way: files are fetched by threads, and stored here one by one."""

    def __init__(
        self,
        service: Service,
        source: BackFill,
        report: BackFillReport,
        clock: Callable[[], datetime],
        tell: Callable[[ListedPayload, BackFillReport], None],
    ) -> None:
        self.report = report
        self.spoken: Counter[date] = Counter()  # seconds of each day that are accounted for
        self._service = service
        self._source = source
        self._clock = clock
        self._tell = tell
        self._waiting: deque[tuple[ListedPayload, Future[Payload | Unread]]] = deque()
        self._unanswered = 0

    def run(self) -> None:
        """Read every file that was not read before."""
        pool = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="back-fill")
        try:
            for item in self._new():
                self._waiting.append((item, pool.submit(self._fetched, item)))
                while self._is_full():
                    self._store_next()
            while self._waiting:
                self._store_next()
        finally:
            # At the end nothing is on its way; after a fault nobody waits for a silent provider.
            pool.shutdown(wait=False, cancel_futures=True)

    def _new(self) -> Iterator[ListedPayload]:
        """The files listed that were not read well; the others are only counted."""
        report = self.report
        items = iter(self._source.listed(report.since, report.until, self._clock()))
        while lot := list(islice(items, LOT)):
            with self._service.store.read() as connection:
                known = runs.names_read(connection, report.source, [item.name for item in lot])
            for item in lot:
                if item.name in known:
                    report.known += 1
                    self._done(item)
                else:
                    yield item

    def _is_full(self) -> bool:
        held = sum(item.size for item, _ in self._waiting)
        return len(self._waiting) > AHEAD or (len(self._waiting) > 1 and held > AHEAD_BYTES)

    def _fetched(self, item: ListedPayload) -> Payload | Unread:
        return self._source.fetch_listed(item, self._clock())

    def _store_next(self) -> None:
        item, future = self._waiting.popleft()
        try:
            self._store(future)
        except RecordRejected as error:
            unread = Unread(self.report.source, item.name, str(error), item.published_at)
            note_unread(self._service, unread, self._clock())
            self.report.unread.append((item.name, str(error)))
            self._tell(item, self.report)
        else:
            self._done(item)

    def _store(self, future: Future[Payload | Unread]) -> None:
        """Raises RecordRejected where a file could not be had or read."""
        try:
            got = future.result()
        except SourceDenied:
            raise
        except SourceRefused as error:
            raise RecordRejected(str(error)) from error
        except SourceUnreachable as error:
            self._unanswered += 1
            if self._unanswered >= MOST_UNANSWERED:
                raise
            raise RecordRejected(str(error)) from error
        self._unanswered = 0
        if isinstance(got, Unread):
            raise RecordRejected(got.reason)
        self.report.add(take_in(self._service, self._source, got, self._clock(), _CARE))

    def _done(self, item: ListedPayload) -> None:
        """A file that was read, now or before, speaks for its days."""
        days = (item.last_day - item.first_day).days + 1
        for number in range(days):
            self.spoken[item.first_day + number * DAY] += int(item.span.total_seconds()) // days
        self._tell(item, self.report)


def _record_weeks(service: Service, source: BackFill, spoken: Counter[date], now: datetime) -> int:
    """Write down the weeks that most of the time was read of, and that were not known as observed:
    the files of a day or more, which no count of slots tells of. How many.
    """
    seconds: Counter[date] = Counter()
    for day, number in spoken.items():
        seconds[week_of(day)] += number
    needed = health.SLOTS_NEEDED * WEEK.total_seconds()
    read = {week for week, number in seconds.items() if number >= needed and week < origin_at(now)}
    with service.store.write() as connection:
        known = health.coverage(connection, source.name, source, now)
        new = [
            week
            for week in sorted(read)
            if not any(item.first_week <= week <= item.last_week for item in known)
        ]
        if new:
            reason = f"back-filled: {len(new)} weeks from {new[0]} to {new[-1]}"
            run = runs.Run(source.name, now, Health.OK, reason, Appended(), 0, {}, None)
            covered = [Coverage(source.name, "*", week, week) for week in new]
            runs.record_run(connection, runs.Reading(run, covered=covered))
    return len(new)
