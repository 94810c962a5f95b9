"""What the pages of deployments show: where teams are, how far each has come, and its effect."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from urllib.parse import quote

from api.pages.page import WebPage
from api.pages.places import Choice
from api.pages.response.course import Course, drawn
from ewarn.domain.deployment import Stage, StepKind
from ewarn.domain.kinds import EventKind
from ewarn.domain.playbook import Playbook
from ewarn.domain.time import WEEK, week_of
from ewarn.response.steps import AFTER

Record = Mapping[str, Any]

WEEKS_BEFORE = 52  # of the course, before the deployment
WEEKS_AFTER = 26
_MOST_WEEKS = 520  # that the API returns
_OPEN = ("open", "acknowledged")


@dataclass(frozen=True, slots=True)
class DeploymentView:
    """One deployment.

    Attributes:
        alert: The alert that it answers; None if there is none, or the key may not read it.
        playbook: The playbook that it follows; None if there is none in force.
        courses: The weekly events of its country, one for each source; None if the key may not
            read events.
        stay: First day of the deployment, and the first day after it or after today.
        steps: The steps that can follow now.
    """

    record: Record
    alert: Record | None
    playbook: Playbook | None
    courses: Sequence[Course] | None
    stay: tuple[date, date] | None
    steps: Sequence[StepKind]

    def is_during(self, week: date) -> bool:
        """Return whether any day of a week belongs to the deployment."""
        return self.stay is not None and week_of(self.stay[0]) <= week < self.stay[1]


def countries_of(where: Choice) -> Sequence[str]:
    """Return the countries that limit a list to a choice; none if it is not limited."""
    is_limited = len(where.covered) < len(where.countries)
    return where.covered if where.value and is_limited else ()


async def deployments_of(page: WebPage, where: Choice) -> list[tuple[str, list[Record]]]:
    """Return the deployments by country, the newest proposal first, with the country's code.

    Countries are sorted by their names.

    Raises:
        Problem: 403 if the key may not read deployments.
    """
    found = await page.api.items(
        "/v1/deployments", country=countries_of(where), as_of=page.as_of, limit=1000
    )
    by_country: dict[str, list[Record]] = {}
    for each in found:
        by_country.setdefault(each["country"], []).append(each)
    places, language = page.state.places, page.language
    return sorted(
        by_country.items(), key=lambda item: places.get(item[0]).name_in(language).casefold()
    )


async def deployment_view(page: WebPage, id_: str) -> DeploymentView:
    """Read one deployment, and the events in its country around it.

    Raises:
        Problem: 403 if the key may not read deployments, 404 if there is no such one for it.
    """
    path = f"/v1/deployments/{quote(id_, safe='')}"
    record = await page.api.get(path, as_of=page.as_of)
    stay = _stay(record, page.moment.date())
    alert, courses = await asyncio.gather(_alert(page, record), _courses(page, record, stay))
    return DeploymentView(
        record=record,
        alert=alert,
        playbook=page.state.rulebook.playbooks.get(record["playbook"] or ""),
        courses=courses,
        stay=stay,
        steps=possible_steps(record),
    )


def possible_steps(record: Record) -> list[StepKind]:
    """Return the steps that can follow now."""
    following = [StepKind(stage.value) for stage in AFTER[Stage(record["stage"])]]
    return [*following, StepKind.REVIEWED] if record["deployed_on"] else following


def is_review_late(record: Record, today: date) -> bool:
    """Return whether a review of a deployment is overdue."""
    due = record["next_review"]
    return due is not None and date.fromisoformat(due) < today


def playbooks_of(page: WebPage) -> list[Playbook]:
    """Return the playbooks that send a team."""
    return [each for each in page.state.rulebook.playbooks.values() if each.team]


async def alerts_to_answer(page: WebPage) -> list[Record]:
    """Return the open alerts of the key, by place; none if it may not read alerts."""
    found = await page.api.items_if_allowed("/v1/alerts", state=_OPEN, limit=1000)
    return sorted(found, key=lambda each: (each["country"], each["region_name"], each["target"]))


def _stay(record: Record, today: date) -> tuple[date, date] | None:
    if record["deployed_on"] is None:
        return None
    ended = record["ended_on"]
    last = date.fromisoformat(ended) if ended else today + timedelta(days=1)
    return date.fromisoformat(record["deployed_on"]), last


async def _alert(page: WebPage, record: Record) -> Record | None:
    if record["alert_id"] is None:
        return None
    path = f"/v1/alerts/{quote(record['alert_id'], safe='')}"
    found: Record | None = await page.api.get_if_allowed(path, as_of=page.as_of)
    return found


async def _courses(
    page: WebPage, record: Record, stay: tuple[date, date] | None
) -> list[Course] | None:
    """Return the courses of the events that the effect is about, of the force used by default."""
    centre = stay[0] if stay else date.fromisoformat(record["proposed_on"])
    first = week_of(centre) - WEEKS_BEFORE * WEEK
    last = week_of(stay[1] if stay else page.moment.date()) + WEEKS_AFTER * WEEK
    weeks = min((page.moment.date() - first) // WEEK + 1, _MOST_WEEKS)
    path = f"/v1/regions/{record['country']}/series"
    found = await page.api.get_if_allowed(path, weeks=max(weeks, 1), as_of=page.as_of)
    if found is None:
        return None
    mondays = [date.fromisoformat(each) for each in found["weeks"]]
    courses = []
    for series in found["series"]:
        counts = dict(zip(mondays, series["counts"], strict=True))
        shown = {week: count for week, count in counts.items() if first <= week <= last}
        if _is_asked(record, series) and any(count is not None for count in shown.values()):
            courses.append(drawn(series["signal"], shown, stay))
    return courses


def _is_asked(record: Record, series: Record) -> bool:
    """Return whether a series counts the events of the effect, or else the force used."""
    if series["flag"] is not None:
        return False
    effect = record["effect"]
    if effect is None:
        return bool(series["kind"] == EventKind.FORCE)
    return bool(series["source"] == effect["source"] and series["kind"] == effect["outcome"])
