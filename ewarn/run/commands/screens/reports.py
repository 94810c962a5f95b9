"""`ewarn reports`: how many field reports there are, never what they say or who sent them."""

from ewarn.domain.reports.field_report import ReportState
from ewarn.pipeline.reports.desk import ReportsDisabled, desk_of
from ewarn.pipeline.reports.tally import ReportTally, tally
from ewarn.pipeline.service import Service
from ewarn.run import settings
from ewarn.run.clock import wall
from ewarn.run.console import Tone, Toned, Voice
from ewarn.run.options import Json
from ewarn.run.wiring import open_service

_GROUPS = ("up to 7 days", "8 to 30 days", "older")


def count_reports(json: Json = False) -> None:
    """Count field reports by state and age, without opening any of them.

    Example: `ewarn reports`
    """
    voice = Voice(json=json)
    with open_service(settings.load()) as service, service.store.read() as connection:
        found = tally(connection, wall().date())
        closed = _why_closed(service)
    if voice.json:
        rows = [
            {"state": each.state, "oldest_days": each.oldest, **_by_age(each)} for each in found
        ]
        voice.result({"accepted": not closed, "reason": closed, "reports": rows}, "")
        return
    voice.paragraph(closed or "Field reports are accepted.", hang="  ")
    if not found:
        voice.say("There are no field reports.")
        return
    voice.table(
        "Field reports by age", ("state", *_GROUPS, "oldest"), (_row(each) for each in found)
    )


def _why_closed(service: Service) -> str:
    """Return why no report is accepted; empty if they are."""
    try:
        desk_of(service)
    except ReportsDisabled as reason:
        return f"No field report is accepted: {reason}"
    return ""


def _by_age(item: ReportTally) -> dict[str, int]:
    return dict(zip(_GROUPS, item.by_age, strict=True))


def _row(item: ReportTally) -> tuple[object, ...]:
    # A report that nobody has decided on for a week is a person who waits for an answer.
    waits = item.state is ReportState.RECEIVED and any(item.by_age[1:])
    days = f"{item.oldest} day{'' if item.oldest == 1 else 's'}"
    return (item.state, *item.by_age, Toned(days, Tone.CAUTION if waits else None))
