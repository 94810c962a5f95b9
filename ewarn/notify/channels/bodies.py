"""Build the JSON body of a webhook, of bounded size, in ewarn's or in Alertmanager's format."""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import orjson

from ewarn.domain.alert import ChangeKind
from ewarn.domain.delivery import Message
from ewarn.domain.source import Health
from ewarn.egress.definition.shapes import outbound
from ewarn.egress.messages import NewsInShort
from ewarn.notify.messages.labels import change_words

BYTES_AT_MOST = 256 * 1024
_NEVER = "0001-01-01T00:00:00Z"  # how Alertmanager writes that an alert has not ended


def news(message: Message) -> bytes:
    """Return the message's body in ewarn's own format.

    A body of more than 256 KiB is shortened: its items keep the fields that identify them and lose
    those that explain them, and `shortened` is true. If that is still too long, items are left out
    from the end, and `omitted` is their number.
    """
    body = message.body
    full = _json(body)
    if len(full) <= BYTES_AT_MOST:
        return full
    brief = [outbound(NewsInShort, item) for item in body["items"]]
    return _cut(lambda kept: body | {"items": brief[:kept], **_left(kept, len(brief))}, len(brief))


def _left(kept: int, number: int) -> dict[str, Any]:
    return {"shortened": True, "omitted": number - kept}


def alertmanager(message: Message) -> bytes:
    """Return the message in the format of Alertmanager's webhooks, version 4.

    A message is one group. The label `severity` is the level of an alert, or its highest level if
    the alert is over. The fingerprint of an alert stays the same from its opening to its end.
    """
    body = message.body
    alerts = [_alert(item, body) for item in body["items"]]

    def shape(kept: int) -> dict[str, Any]:
        some = alerts[:kept]
        is_firing = any(alert["status"] == "firing" for alert in alerts)
        return {
            "version": "4",
            "groupKey": "{}:{}",
            "truncatedAlerts": len(alerts) - kept,
            "status": "firing" if is_firing else "resolved",
            "receiver": "ewarn",
            "groupLabels": {},
            "commonLabels": _common([alert["labels"] for alert in some]),
            "commonAnnotations": _common([alert["annotations"] for alert in some]),
            "externalURL": body["link"],
            "alerts": some,
        }

    return _cut(shape, len(alerts))


def _cut(shape: Callable[[int], Mapping[str, Any]], number: int) -> bytes:
    """Return the body with as many items as fit, found by binary search.

    Args:
        shape: Builds the body from the first so many items.
        number: How many items there are.
    """
    whole = _json(shape(number))
    if len(whole) <= BYTES_AT_MOST:
        return whole
    fits, fails = 0, number
    while fails - fits > 1:
        middle = (fits + fails) // 2
        if len(_json(shape(middle))) <= BYTES_AT_MOST:
            fits = middle
        else:
            fails = middle
    return _json(shape(fits))


def _json(body: Mapping[str, Any]) -> bytes:
    return orjson.dumps(body, option=orjson.OPT_SORT_KEYS)


def _alert(item: Mapping[str, Any], body: Mapping[str, Any]) -> dict[str, Any]:
    at = item.get("at") or body["timestamp"]
    is_over = _is_over(item)
    named = {name: str(item[name]) for name in _LABELS if item.get(name) not in (None, "")}
    severity = item.get("highest" if is_over else "level")
    explained = {name: str(item[name]) for name in _ANNOTATIONS if item.get(name)}
    return {
        "status": "resolved" if is_over else "firing",
        "labels": {
            "alertname": item.get("rule") or item["type"],
            **({"severity": severity} if severity else {}),
            **named,
        },
        "annotations": {"summary": _summary(item, body["language"]), **explained},
        "startsAt": _begun(item, at),
        "endsAt": at if is_over else _NEVER,
        "generatorURL": item.get("link") or body["link"],
        "fingerprint": hashlib.sha256(_identity(item).encode()).hexdigest()[:16],
    }


_LABELS = ("country", "region", "target", "alert_id", "source", "id", "channel")
_ANNOTATIONS = (
    "region_name",
    "country_name",
    "reason",
    "probability",
    "suggestion",
    "notice",
    "title",
    "owner",
    "due_on",
    "address",
    "code",
)


def _identity(item: Mapping[str, Any]) -> str:
    names = ("alert_id", "source", "id", "address", "subscription_id", "type")
    return next(f"{name}|{item[name]}" for name in names if item.get(name))


def _begun(item: Mapping[str, Any], at: str) -> str:
    opened = item.get("opened_on")
    return f"{opened}T00:00:00Z" if opened else str(item.get("since") or at)


def _is_over(item: Mapping[str, Any]) -> bool:
    change = item.get("change")
    return change in (ChangeKind.CLOSED, ChangeKind.WITHDRAWN) or item.get("health") == Health.OK


def _summary(item: Mapping[str, Any], language: str) -> str:
    if "change" not in item:
        return str(item["type"])
    change = change_words(ChangeKind(item["change"]), language)
    return f"{item['region_name']}: {change} ({item['level']})"


def _common(sets: Sequence[Mapping[str, str]]) -> dict[str, str]:
    if not sets:
        return {}
    shared = set.intersection(*(set(each.items()) for each in sets))
    return dict(sorted(shared))
