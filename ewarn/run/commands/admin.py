"""Commands that maintain the database: migrate, redact, status, doctor."""

from dataclasses import asdict
from datetime import datetime
from typing import Annotated

import typer

from ewarn.errors import StoreError
from ewarn.pipeline.alerts import redaction
from ewarn.pipeline.delivery.audit import audit as look
from ewarn.pipeline.models.outcomes_so_far import outcomes_so_far
from ewarn.pipeline.scoring.scorable import outlooks
from ewarn.run import settings
from ewarn.run.clock import wall
from ewarn.run.commands.rules import rules_of
from ewarn.run.commands.sources import outage_sentence
from ewarn.run.console import Voice
from ewarn.run.options import By, Json, Reason
from ewarn.run.wiring import baseline_at, open_service, outages_of, source_status
from ewarn.store.access import audit, partner_reads
from ewarn.store.alerts import alerts
from ewarn.store.database.ailments import ASK_DOCTOR, REPAIR
from ewarn.store.database.cuts import Cut
from ewarn.store.database.engine import Store
from ewarn.store.database.schema import migrate as upgrade
from ewarn.store.database.schema import require_current
from ewarn.store.delivery import outbox
from ewarn.store.events import counts
from ewarn.store.jobs import jobs, leases
from ewarn.store.maintenance import clocks
from ewarn.store.maintenance.integrity import damage
from ewarn.store.scores import scores


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


def status(json: Json = False) -> None:
    """Show how the service is doing.

    Example: `ewarn status --json`
    """
    voice = Voice(json=json)
    now = wall()
    loaded = settings.load()
    with open_service(loaded, forgiving=True) as service:
        with service.store.read() as connection:
            rules = rules_of(service, connection)
            waiting = outbox.states(connection)
            newest = scores.newest_origin(connection, Cut.at(now))
            finished = jobs.last_finished(connection)
            failing = jobs.failing(connection)
            overdue = jobs.overdue(connection, now)
            leader = leases.current(connection, leases.LEADER)
            ahead = clocks.ahead(connection, now)
            audited = look(connection, now)
            so_far = outcomes_so_far(service, connection, now)
        found = [source_status(service, name, now) for name in sorted(service.sources)]
        outages = [drop for name in service.sources for drop in outages_of(service, name, now)]
        read = (baseline_at(service, name, now) for name in sorted(service.sources))
        baselines = [each for each in read if each is not None]
    result = {
        "database": service.store.url.render_as_string(hide_password=True),
        "newest_origin": newest,
        "sources": {item.source: f"{item.health}: {item.reason}" for item in found},
        "outages": [asdict(drop) for drop in outages],
        "baselines": {each.source: each.sentence for each in baselines},
        "outcomes": [asdict(item) | {"words": item.sentence} for item in so_far],
        "rules": asdict(rules),
        "outbox": waiting,
        "deliveries": asdict(audited) | {"well": audited.is_healthy},
        "jobs": finished,
        "failed_jobs": failing,
        "overdue": overdue and {"job": overdue[0], "since": overdue[1]},
        "leader": leader
        and {
            "worker": leader.holder,
            "until": leader.leased_until,
            "lapsed": leader.has_lapsed(now),
        },
        "clocks": list(ahead),
    }
    if voice.json:
        voice.result(result, "")
        return
    voice.say(f"database       {result['database']}")
    voice.say(f"newest scores  {newest or 'none yet'}")
    for item in found:
        voice.say(f"source         {item.source}: {item.health.value} ({item.reason})")
    for each in baselines:
        voice.say(f"baseline       {each.source}: {each.sentence}")
    for drop in outages:
        voice.say(f"outage         {outage_sentence(drop)}")
    for told in so_far:
        voice.say(f"outcomes       {told.source}: {told.sentence}")
    voice.say(f"rules          {rules.sentence}")
    voice.say(f"outbox         {_listed(waiting)}")
    voice.say(f"deliveries     {audited.sentence}")
    if audited.disabled:
        voice.say(f"addresses      {audited.disabled} switched off; see `ewarn deliveries`")
    voice.say(f"jobs           {_listed({name: _minute(at) for name, at in finished.items()})}")
    for name, reason in failing.items():
        voice.say(f"failed job     {name}: {reason}")
    if overdue:
        voice.say(f"overdue        {overdue[0]} waits for a worker since {_minute(overdue[1])}")
    voice.say(f"leader         {_leading(leader, now)}")
    for sentence in ahead:
        voice.say(f"clocks         {sentence}")


def _listed(values: dict[str, int] | dict[str, str]) -> str:
    return ", ".join(f"{name} {value}" for name, value in values.items()) or "empty"


def _leading(leader: leases.Lease | None, now: datetime) -> str:
    if leader is None:
        return "no worker has led yet; start `ewarn work`"
    if leader.leased_until <= now:
        return f"none since {_minute(leader.leased_until)}; start `ewarn work`"
    if leader.has_lapsed(now):
        return (
            f"{leader.holder} until {_minute(leader.leased_until)}, which is longer than a lease, "
            "because its clock was ahead. The lease counts as lapsed, and the next worker leads"
        )
    return leader.holder


def _minute(moment: datetime) -> str:
    return moment.isoformat(timespec="minutes")


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
