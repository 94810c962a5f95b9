"""Erasure of field reports whose retention is over."""

from datetime import datetime, timedelta

from ewarn.pipeline.reports.desk import SOURCE
from ewarn.pipeline.reports.verify import record_erasure
from ewarn.pipeline.service import Service
from ewarn.store.reports import reports, traces

WITHOUT_SETTING = timedelta(days=30)  # while the source is switched off, whatever was set
AT_ONCE = 500


def erase_expired(service: Service, now: datetime) -> int:
    """Erase the reports whose retention is over, and return their number.

    Deleted keys are also removed from the files of the database, in case this could not be done
    when they were deleted.
    """
    source = service.sources.get(SOURCE)
    kept = (source.retention if source else timedelta()) or WITHOUT_SETTING
    erased = 0
    while True:
        with service.store.write() as connection:
            due = reports.received_before(connection, (now - kept).date(), AT_ONCE)
            reports.erase(connection, [each.id for each in due])
            for each in due:
                record_erasure(connection, each, now)
        erased += len(due)
        if len(due) < AT_ONCE:
            break
    traces.clear_traces(service.store)
    return erased
