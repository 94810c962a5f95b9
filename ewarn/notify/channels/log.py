"""The channel `log`: a line in the log instead of a message to a person. It is the default."""

from datetime import datetime

import structlog

from ewarn.domain.delivery import Message, Outcome, Receipt


class LogNotifier:
    """Writes each message to the service's own log."""

    name = "log"

    def send(self, message: Message, now: datetime) -> Receipt:
        """Log the message. The outcome is always `delivered`."""
        structlog.get_logger().info(
            "notification",
            id=message.id,
            recipient=message.recipient,
            subject=message.subject,
            body=message.body,
            at=now.isoformat(),
        )
        return Receipt(Outcome.DELIVERED, "logged")
