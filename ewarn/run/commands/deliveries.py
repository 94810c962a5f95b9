"""`ewarn deliveries` and `ewarn remind`: messages, failing addresses and reminders."""

from dataclasses import asdict
from typing import Annotated, Literal

import typer

from ewarn.errors import UnknownName, UsageError
from ewarn.pipeline.alerts import remind as remind_verb
from ewarn.run import settings
from ewarn.run.clock import wall
from ewarn.run.console import Voice
from ewarn.run.options import Json
from ewarn.run.wiring import open_service
from ewarn.store.delivery import deliveries, endpoints, outbox

deliveries_app = typer.Typer(help="Show messages and failing addresses, and send messages again.")


@deliveries_app.callback(invoke_without_command=True)
def list_deliveries(
    context: typer.Context,
    state: Annotated[
        Literal["waiting", "delivered", "dead"] | None,
        typer.Option(help="Only messages in this state; default all."),
    ] = None,
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="Number of messages to show.")] = 50,
    json: Json = False,
) -> None:
    """Show the newest messages, and the addresses that fail or are switched off.

    Example: `ewarn deliveries --state dead`
    """
    if context.invoked_subcommand is not None:
        return
    voice = Voice(json=json)
    now = wall()
    with open_service(settings.load()) as service, service.store.read() as connection:
        found = deliveries.find(connection, now, states=[state] if state else (), limit=limit)
        known = endpoints.find(connection)
    ill = [each for each in known.values() if each.disabled_at or each.failing_since]
    rows = [asdict(each) for each in found]
    if voice.json:
        voice.result({"deliveries": rows, "endpoints": [asdict(each) for each in ill]}, "")
        return
    columns = ("id", "endpoint", "state", "attempts", "created_at", "subject")
    voice.table("Deliveries", columns, ([str(row[name]) for name in columns] for row in rows))
    for each in ill:
        since = each.disabled_at or each.failing_since
        word = "switched off" if each.disabled_at else "failing"
        voice.say(f"{each.id}: {word} since {since:%Y-%m-%d %H:%M} UTC ({each.reason})")


@deliveries_app.command("show")
def show(
    id: Annotated[str, typer.Argument(help="Id of a message, from `ewarn deliveries`.")],
    json: Json = False,
) -> None:
    """Show one message with every attempt to deliver it.

    Example: `ewarn deliveries show msg_0123456789abcdef`
    """
    voice = Voice(json=json)
    with open_service(settings.load()) as service, service.store.read() as connection:
        found = deliveries.find(connection, wall(), ids=[id], limit=1)
        tried = deliveries.attempts_of(connection, id)
    if not found:
        raise UnknownName(f"there is no message {id!r}; see `ewarn deliveries`")
    lines = [f"{name}: {value}" for name, value in asdict(found[0]).items()]
    lines += [
        f"{each['at']:%Y-%m-%d %H:%M:%S}  {each['outcome']}: {each['detail']}" for each in tried
    ]
    voice.result(asdict(found[0]) | {"tried": tried}, "\n".join(lines))


@deliveries_app.command("replay")
def replay(
    id: Annotated[list[str] | None, typer.Argument(help="Ids of dead messages.")] = None,
    endpoint: Annotated[
        str | None, typer.Option(help="All dead messages to this recipient.")
    ] = None,
    json: Json = False,
) -> None:
    """Send dead messages again, with the same ids.

    Example: `ewarn deliveries replay --endpoint dakar:email:desk@example.org`
    """
    ids = id or []
    voice = Voice(json=json)
    if not ids and endpoint is None:
        raise UsageError("name the messages to send again, or their recipient with --endpoint")
    now = wall()
    with open_service(settings.load()) as service, service.store.write() as connection:
        wanted = list(ids)
        if endpoint is not None:
            dead = [outbox.DEAD]
            found = deliveries.find(
                connection, now, endpoints=[endpoint], states=dead, limit=100_000
            )
            wanted += [each.id for each in found]
        done = outbox.replay(connection, wanted, now)
    voice.result({"replayed": done}, f"{done} messages are sent again by the next `ewarn deliver`")


@deliveries_app.command("enable")
def enable(
    endpoint: Annotated[str, typer.Argument(help="A recipient that was switched off.")],
    json: Json = False,
) -> None:
    """Switch an address on again that was switched off because it accepted no messages.

    Example: `ewarn deliveries enable dakar:email:desk@example.org`
    """
    voice = Voice(json=json)
    with open_service(settings.load()) as service, service.store.write() as connection:
        if not endpoints.enable(connection, endpoint):
            raise UnknownName(f"no recipient {endpoint!r} is switched off; see `ewarn deliveries`")
        dead = [outbox.DEAD]
        held = deliveries.find(connection, wall(), endpoints=[endpoint], states=dead, limit=10_000)
    voice.result(
        {"enabled": endpoint, "dead": len(held)},
        f"{endpoint} is switched on; send its {len(held)} dead messages again with "
        f"`ewarn deliveries replay --endpoint {endpoint}`",
    )


def remind(json: Json = False) -> None:
    """Notify of alerts that nobody acknowledged, of open alerts, and of unhealthy sources.

    Example: `ewarn remind`
    """
    voice = Voice(json=json)
    with open_service(settings.load()) as service:
        report = remind_verb.remind(service, wall())
    for change in report.changes:
        voice.say(f"{change.alert.region} {change.alert.rule}: {change.kind} ({change.reason})")
    result = {
        "changes": len(report.changes),
        "repeated": report.repeated,
        "notifications": len(report.notifications),
    }
    voice.result(
        result,
        f"{len(report.changes)} changes, {report.repeated} alerts repeated, "
        f"{len(report.notifications)} notifications",
    )
