"""A dead man's switch: an external monitor raises an alarm when the pings of the worker stop."""

import httpx
import structlog


class DeadMan:
    """Pings an external monitor. A failure never disturbs the worker."""

    def __init__(self, client: httpx.Client, url: str) -> None:
        self.client = client
        self.url = url

    def ping(self) -> bool:
        """Ping the monitor and return whether it accepted the ping."""
        try:
            self.client.get(self.url, timeout=10).raise_for_status()
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            # The address may contain a token, so it is not logged.
            structlog.get_logger().warning("monitor not pinged", reason=type(error).__name__)
            return False
        return True
