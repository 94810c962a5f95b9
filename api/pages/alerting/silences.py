"""Silences on the pages: which ones cover an alert, and what a form asks for."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote

from api.pages.forms import SentValues
from api.pages.page import WebPage
from api.serving.problems import wrong_fields
from ewarn.domain.silence import WITHHELD
from ewarn.domain.time import DAY, midnight, parse_day

Record = Mapping[str, Any]

LASTS = (1, 3, 7, 28)  # days for which a silence can be chosen to last
UNTIL_A_DAY = "day"


def covers(silence: Record, alert: Record) -> bool:
    """Return whether a silence covers an alert."""
    return all(
        not silence[many] or alert[one] in silence[many]
        for many, one in (
            ("countries", "country"),
            ("regions", "region"),
            ("targets", "target"),
            ("rules", "rule"),
        )
    )


def is_over(silence: Record, now: datetime) -> bool:
    """Return whether a silence has ended, by itself or by hand."""
    return silence["ended_at"] is not None or datetime.fromisoformat(silence["ends_at"]) <= now


def can_end(page: WebPage, silence: Record) -> bool:
    """Return whether the reader may end a silence: the key must cover all of it."""
    covers_all = silence["reason"] != WITHHELD
    return covers_all and page.can("alerts:act") and not is_over(silence, page.state.clock())


def silence_body(page: WebPage, form: SentValues) -> dict[str, Any]:
    """Return the body of the silence that a form asks for.

    Raises:
        Problem: 422 if the form names no country or no end.
    """
    if not form.texts("countries"):  # the API would silence all countries of the key
        raise wrong_fields(("countries", page.gettext("Choose a country.")))
    names = ("countries", "regions", "targets", "rules")
    ends = _end(page, form.text("lasts"), form.text("last_day"))
    return {
        "reason": form.text("reason"),
        "ends_at": ends.isoformat(),
        **{name: form.texts(name) for name in names},
    }


def _end(page: WebPage, lasts: str, last_day: str) -> datetime:
    """Return when a silence ends: after some days, or with the end of a day."""
    if lasts in map(str, LASTS):
        return page.state.clock() + timedelta(days=int(lasts))
    if lasts != UNTIL_A_DAY:
        raise wrong_fields(("lasts", page.gettext("Choose how long it lasts.")))
    try:
        return midnight(parse_day(last_day) + DAY)
    except (ValueError, OverflowError):
        raise wrong_fields(("last_day", page.gettext("Choose the last day."))) from None


async def end_silence(page: WebPage, form: SentValues) -> None:
    """End the silence that a form names.

    Raises:
        Problem: 404 if there is no such silence for the key.
    """
    await page.api.post(f"/v1/silences/{quote(form.text('silence'), safe='')}/end", {})
