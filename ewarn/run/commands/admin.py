"""Commands that maintain the database: migrate, redact, doctor."""

from typing import Annotated

import typer

from ewarn.errors import StoreError
from ewarn.pipeline.alerts import redaction
from ewarn.pipeline.scoring.scorable import outlooks
from ewarn.run import settings
from ewarn.run.clock import wall
from ewarn.run.commands.rules import rules_of
from ewarn.run.console import Voice
from ewarn.run.options import By, Json, Reason
from ewarn.run.wiring import open_service
from ewarn.store.access import audit, partner_reads
from ewarn.store.alerts import alerts
from ewarn.store.database.ailments import ASK_DOCTOR, REPAIR
from ewarn.store.database.engine import Store
from ewarn.store.database.schema import migrate as upgrade
from ewarn.store.database.schema import require_current
from ewarn.store.events import counts
from ewarn.store.maintenance.integrity import damage


def migrate(json: Json = False) -> None:
    """Create the database, or update it to the schema of this version.

    Example: `EWARN_DATABASE_URL=postgresql://ewarn@db/ewarn ewarn migrate`
    """
    voice = Voice(json=json)
    store = Store(settings.load().database)
    try:
        before, after = upgrade(store)
    finally:
        store.dispose()
    said = "already at" if before == after else "now at"
    voice.result({"before": before, "after": after}, f"the database is {said} revision {after}")


def redact(
    about: Annotated[
        str, typer.Argument(help="alert, deployment, recommendation or silence.", metavar="KIND")
    ],
    id: Annotated[str, typer.Argument(help="Its id.")],
    by: By,
    reason: Reason,
    json: Json = False,
) -> None:
    """Delete the free text of a record, for example because it names a person.

    The acts stay in the audit trail without their text, and the hash chains can still be verified.

    Example: `ewarn redact silence silence-0123456789abcdef --by "Dakar office" --reason "a name"`
    """
    voice = Voice(json=json)
    with open_service(settings.load()) as service:
        rows = redaction.redact(service, about, id, by, wall(), reason)
    voice.result(
        {"redacted": rows},
        f"{about} {id}: the text of {rows} acts is redacted here. Messages sent before, exports "
        "and backups still contain it.",
    )


def doctor(json: Json = False) -> None:
    """Check that the database is intact, counts match events, and no alert was altered.

    Ends with exit code 1 if something is wrong.

    Example: `ewarn doctor`
    """
    try:
        well = _all_well(Voice(json=json))
    except StoreError as error:
        raise StoreError(str(error).removesuffix(ASK_DOCTOR)) from None
    if not well:
        raise typer.Exit(1)


def _all_well(voice: Voice) -> bool:
    now, loaded = wall(), settings.load()
    store = Store(loaded.database)
    try:
        if not store.is_sqlite:
            require_current(store)
        found = damage(store)
    finally:
        store.dispose()
    if found:  # all other checks need an intact database
        voice.result(
            {"database": list(found)},
            "\n".join([*(f"database: {line}" for line in found), f"The database: {REPAIR}."]),
        )
        return False
    with (
        open_service(loaded, forgiving=True) as service,
        service.store.read() as connection,
    ):
        rules = rules_of(service, connection)
        wrong = counts.disagreements(connection, as_of=now, recorded_by=now)
        broken = alerts.broken_link(connection)
        inconsistent_alerts = alerts.inconsistent_alerts(connection, now)
        undone = audit.broken_link(connection)
        unread = partner_reads.broken_link(connection)
        unscored = [item for item in outlooks(service, now) if not item.is_scored]
    checks = {
        "database": "whole",
        "ledger": "agrees with a recount" if not wrong else f"{len(wrong)} cells differ",
        "alert chain": "whole" if broken is None else f"broken at change {broken}",
        "audit trail": "whole" if undone is None else f"broken at act {undone}",
        "reads of partners": "whole" if unread is None else f"broken at read {unread}",
        "rules": rules.sentence,
        "alert projection": "follows the chain"
        if not inconsistent_alerts
        else f"differ from their changes: {', '.join(inconsistent_alerts)}",
        **{f"not scored, {item.source}": item.reason for item in unscored},
    }
    voice.result(checks, "\n".join(f"{name}: {said}" for name, said in checks.items()))
    chains = (broken, undone, unread)
    return not wrong and chains == (None, None, None) and not inconsistent_alerts
