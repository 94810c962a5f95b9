"""The verb `back-fill`: read the past of a source from its archive; it can be interrupted.

Each file is recorded once it is read, so a second call reads only the files that the first did not.
Nothing here moves the cursor: the worker continues to poll meanwhile.
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
from ewarn.languages import source_reasons
from ewarn.pipeline.intake import health
from ewarn.pipeline.intake.ingest import note_unread
from ewarn.pipeline.intake.intake import IngestReport, IntakeOptions, take_in
from ewarn.pipeline.service import Service
from ewarn.ports import BackFill
from ewarn.store.events.events import Appended
from ewarn.store.intake import runs

# Files are fetched while others are stored: at most `AHEAD` files and `AHEAD_BYTES` bytes, but
# always at least one file.
AT_ONCE = 4
AHEAD = 8
AHEAD_BYTES = 64 * 1024 * 1024
LOT = 500  # files whose names are looked up at a time
MOST_UNANSWERED = 5  # after so many files in a row without an answer the provider counts as down

_OPTIONS = IntakeOptions(move_cursor=False)


@dataclass
class BackFillReport:
    """What a back-fill did so far. `unread` are the files that could not be read, and why."""

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
        """Return the number of rows read: stored, rejected and skipped ones."""
        return self.appended.total + self.rejected + self.skipped

    def add(self, report: IngestReport) -> None:
        """Add one more file that was read."""
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
    on_file: Callable[[ListedPayload, BackFillReport], None] = lambda _item, _report: None,
) -> BackFillReport:
    """Read what an archive holds of the ISO weeks from that of `since` to that of `until`.

    Whole weeks are read, because only a whole week can count as observed. A file that cannot be
    read is recorded and the others are read; the worker asks for it again later.

    Args:
        on_file: Called for every file when it is done.

    Raises:
        UsageError: The days lie in the future, or `until` is before `since`.
        SourceError: The provider is down. What was read is stored, and the next call continues
            there.
    """
    today = clock().date()
    if since > today:
        raise UsageError(f"--since: {since} lies in the future; today is {today} (UTC)")
    if since > until:
        raise UsageError(f"--until: {until} lies before {since}, the day of --since")
    since, until = week_of(since), min(week_of(min(until, today)) + WEEK - DAY, today)
    work = _Work(service, source, BackFillReport(source.name, since, until), clock, on_file)
    work.run()
    work.report.weeks = _record_weeks(service, source, work.seconds_read, clock())
    return work.report


class _Work:
    """A back-fill in progress: threads fetch files, and this thread stores them one by one."""

    def __init__(
        self,
        service: Service,
        source: BackFill,
        report: BackFillReport,
        clock: Callable[[], datetime],
        on_file: Callable[[ListedPayload, BackFillReport], None],
    ) -> None:
        self.report = report
        self.seconds_read: Counter[date] = Counter()  # by day, how much of it the files cover
        self._service = service
        self._source = source
        self._clock = clock
        self._on_file = on_file
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
            # At the end no fetch is running; after an error nobody waits for a slow provider.
            pool.shutdown(wait=False, cancel_futures=True)

    def _new(self) -> Iterator[ListedPayload]:
        """Yield the listed files that were not read successfully; count the others."""
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
        size = sum(item.size for item, _ in self._waiting)
        return len(self._waiting) > AHEAD or (len(self._waiting) > 1 and size > AHEAD_BYTES)

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
            self._on_file(item, self.report)
        else:
            self._done(item)

    def _store(self, future: Future[Payload | Unread]) -> None:
        """Store a fetched file.

        Raises:
            RecordRejected: The file could not be fetched or read.
        """
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
        self.report.add(take_in(self._service, self._source, got, self._clock(), _OPTIONS))

    def _done(self, item: ListedPayload) -> None:
        """Count the time that a file covers as read, whether it was read now or before."""
        days = (item.last_day - item.first_day).days + 1
        for number in range(days):
            self.seconds_read[item.first_day + number * DAY] += (
                int(item.span.total_seconds()) // days
            )
        self._on_file(item, self.report)


def _record_weeks(
    service: Service, source: BackFill, seconds_read: Counter[date], now: datetime
) -> int:
    """Record the weeks that were mostly read and that were not known as observed.

    This is for files that cover a day or more, which the count of slots does not see.

    Returns:
        The number of these weeks.
    """
    seconds: Counter[date] = Counter()
    for day, number in seconds_read.items():
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
            reason = source_reasons.BACK_FILLED(weeks=len(new), first=new[0], last=new[-1])
            run = runs.Run(source.name, now, Health.OK, reason, Appended(), 0, {}, None)
            covered = [Coverage(source.name, "*", week, week) for week in new]
            runs.record_run(connection, runs.Reading(run, covered=covered))
    return len(new)
