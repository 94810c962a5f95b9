"""Redact free text that people wrote, because it must not name a person."""

from datetime import datetime

from ewarn.domain.persons import require_role
from ewarn.errors import UnknownName, UsageError
from ewarn.pipeline.service import Service
from ewarn.store.access import audit, redactions
from ewarn.store.access.audit import DEPLOYMENT, RECOMMENDATION, SILENCE, Act
from ewarn.store.access.redactions import ALERT, REDACTION

SUBJECTS = (ALERT, DEPLOYMENT, RECOMMENDATION, SILENCE)


def redact(service: Service, about: str, id_: str, by: str, now: datetime, reason: str) -> int:
    """Redact all free text about an alert, deployment, recommendation or silence.

    The act is in the audit trail, and the hash chains can still be verified.

    Returns:
        The number of rows that were changed.

    Raises:
        UnknownName: There is no such subject, or it has no text.
        UsageError: The subject's kind is unknown, or the role or the reason is missing.
    """
    if about not in SUBJECTS:
        raise UsageError(f"{about!r} cannot be redacted; choose one of {', '.join(SUBJECTS)}")
    if not reason.strip():
        raise UsageError("a redaction needs a reason; do not repeat in it the text to be redacted")
    actor = require_role(by, "who redacts")
    with service.store.write() as connection:
        if about == ALERT:
            chain, rows = "alert_event", redactions.of_alert(connection, id_)
        else:
            chain, rows = "audit", redactions.of_subject(connection, about, id_)
        if not rows:
            raise UnknownName(f"there is no {about} {id_[:60]!r} with text that can be redacted")
        after = {"about": about, "subject": id_, "chain": chain, "rows": rows}
        act = Act(REDACTION, id_, None, "redacted", now.date(), now, actor, reason, after)
        audit.record(connection, [act])
    return len(rows)
