"""What sources of field reports share: the reports belong to one office, under its protection."""

from datetime import timedelta

from ewarn.domain.source import Terms, of_office
from ewarn.protect.conditions import Conditions


def terms_of(protection: Conditions, office: str, url: str) -> Terms:
    """Return the terms, which allow no use by others; the attribution names the data controller."""
    return Terms(
        attribution=f"field reports; controller: {protection.controller or 'not named'}",
        licence="the office's own: not passed on",
        redistribute=False,
        train=False,
        url=url,
        readers=of_office(office) if office else "",
    )


def retention_of(protection: Conditions) -> timedelta:
    """Return how long reports are stored, as the operator set it."""
    return timedelta(days=protection.retention_days or 0)


def why_not_scored(office: str, setting: str) -> str | None:
    """Return the reason why reports are not scored: no office is set. None if one is."""
    if office:
        return None
    return f"nobody may read it: name the office that it belongs to in {setting}"
