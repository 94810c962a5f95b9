"""Settings that an operator must make before any protected source is read."""

from dataclasses import dataclass

from ewarn.ports import Sealer


@dataclass(frozen=True, slots=True)
class Conditions:
    """The encryption key, the days for which raw reports are stored, and the data controller."""

    sealer: Sealer | None = None
    retention_days: int | None = None
    controller: str = ""

    @property
    def missing(self) -> tuple[str, ...]:
        """The names of the settings that are not made yet."""
        settings = {
            "EWARN_PROTECTION_KEY": self.sealer,
            "EWARN_PROTECTION_RETENTION_DAYS": self.retention_days,
            "EWARN_DATA_CONTROLLER": self.controller,
        }
        return tuple(name for name, value in settings.items() if not value)
