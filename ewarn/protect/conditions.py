"""What an operator must have settled before anything that is protected is read at all."""

from dataclasses import dataclass

from ewarn.ports import Sealer


@dataclass(frozen=True, slots=True)
class Conditions:
    """A key to seal with, how many days raw reports are kept, and who answers for them."""

    sealer: Sealer | None = None
    retention_days: int | None = None
    controller: str = ""

    @property
    def missing(self) -> tuple[str, ...]:
        """The settings that are still to be made."""
        settings = {
            "EWARN_PROTECTION_KEY": self.sealer,
            "EWARN_PROTECTION_RETENTION_DAYS": self.retention_days,
            "EWARN_DATA_CONTROLLER": self.controller,
        }
        return tuple(name for name, value in settings.items() if not value)
