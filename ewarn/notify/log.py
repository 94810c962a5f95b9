"""The channel `log`: a structured line, and nobody is disturbed. The default everywhere."""

from datetime import datetime

import structlog

from ewarn.domain.delivery import Notification, Outcome, Receipt


class LogNotifier:
    """Writes each notification to the service's own log."""

    name = "log"

    def send(self, notification: Notification, now: datetime) -> Receipt:
        """Always delivered."""
        structlog.get_logger().info(
            "notification",
            id=notification.id,
            recipient=notification.recipient,
            subject=notification.subject,
            body=notification.body,
            at=now.isoformat(),
        )
        return Receipt(Outcome.DELIVERED, "logged")
