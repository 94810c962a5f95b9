"""Taking away words that people wrote."""

from ewarn.pipeline.alerts import redaction
from ewarn.run import settings
from ewarn.run.clock import wall
from ewarn.run.console import Voice
from ewarn.run.wiring import open_service


def redact(about: str, id_: str, by: str, reason: str, *, voice: Voice) -> None:
    """Redact the words of a thing; raises UnknownName where there is none."""
    with open_service(settings.load()) as service:
        rows = redaction.redact(service, about, id_, by, wall(), reason)
    voice.result(
        {"redacted": rows},
        f"{about} {id_}: the words of {rows} acts are redacted here. What was sent before, exports "
        "and backups still hold them.",
    )
