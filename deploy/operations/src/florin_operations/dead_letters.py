"""Events that a consumer could not handle: seen, tried again, or given up."""

import base64
import getpass
import json
import time
from collections.abc import Sequence
from typing import Annotated, Any

import typer
from sqlalchemy import Row, select
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from florin_chassis.road.parking import discard
from florin_chassis.tables import parked_events as parked
from florin_operations.databases import connection_to, engine_of
from florin_operations.errors import Found, WrongUsage
from florin_operations.options import (
    Json,
    Scope,
    Service,
    Services,
    Stack,
    Yes,
    confirm,
    finish,
    scope,
)
from florin_operations.output import print_json, print_table, say
from florin_operations.replaying import Outcome, replay_and_wait

app = typer.Typer(no_args_is_help=True, help="Events that a service's consumer could not handle.")

_SHOWN = 200
_ERROR_CHARACTERS = 120
Ids = Annotated[list[int], typer.Argument(min=1, help="As `florin dead-letters list` shows them.")]


@app.command("list")
def list_command(
    *,
    service: Services = None,
    limit: Annotated[int, typer.Option(min=1, help="The oldest so many of each service.")] = _SHOWN,
    stack: Stack = False,
    as_json: Json = False,
) -> None:
    """What is parked, oldest first; exits with 1 when anything is."""
    asked = scope(stack=stack, services=service)
    found = finish(_list(asked, limit))
    if as_json:
        print_json({"parked": found})
    else:
        columns = ("service", "id", "topic", "partition", "offset", "key", "parked_at", "error")
        short = [one | {"error": _shortened(one["error"])} for one in found]
        print_table("Parked events", columns, ([one[c] for c in columns] for one in short))
    if found:
        raise Found(f"{len(found)} events are parked")


@app.command()
def show(service: Service, id: int, *, stack: Stack = False, as_json: Json = False) -> None:
    """One parked event, whole: its headers, its value, why it failed, and what waits behind it."""
    asked = scope(stack=stack, services=[service])
    event = finish(_show(asked, service, id))
    if as_json:
        print_json(event)
        return
    for name in ("topic", "partition", "offset", "key", "parked_at", "replay_requested_at"):
        say(f"{name}: {event[name]}")
    print_table("Headers", ("name", "value"), event["headers"])
    error = event["error"].replace("\\n", "\n")
    say(f"Value:\n{event['value']}\n\nError:\n{error}\n")
    behind = event["behind"]
    say(f"Behind it, of the same key: {', '.join(map(str, behind)) if behind else 'nothing'}")


@app.command()
def replay(
    service: Service,
    ids: Ids,
    *,
    wait_s: Annotated[float, typer.Option(min=0, help="How long to wait for the outcome.")] = 60,
    stack: Stack = False,
    as_json: Json = False,
) -> None:
    """Let the consumer handle events again, each with all that wait of its key, in their order.

    Waits for the outcome, and exits with 1 unless all of them were handled.
    """
    asked = scope(stack=stack, services=[service])
    outcomes = finish(_replay(asked, service, ids, wait_s))
    if as_json:
        print_json({"service": service, "events": outcomes})
    else:
        rows = ((one.id, one.outcome, _shortened(one.error or "")) for one in outcomes)
        print_table("Replayed", ("id", "outcome", "error"), rows)
    _raise_unless_handled(service, outcomes)


@app.command("discard")
def discard_command(
    service: Service,
    ids: Ids,
    *,
    yes: Yes = False,
    stack: Stack = False,
    as_json: Json = False,
) -> None:
    """Give events up: they will have no effect here. What waits behind them still waits."""
    asked = scope(stack=stack, services=[service])
    confirm(f"Give up {len(ids)} events of {service} for good?", yes=yes)
    number = finish(_discard(asked, service, ids))
    if as_json:
        print_json({"service": service, "discarded": number})
    else:
        say(f"Discarded: {number}. Replay what waited behind them.")
    if number < len(set(ids)):
        raise Found(f"{len(set(ids)) - number} of these events were not parked")


async def _list(asked: Scope, limit: int) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    query = select(parked).order_by(parked.c.id).limit(limit)
    for service in asked.services:
        async with connection_to(asked.installation, service) as connection:
            rows = await connection.execute(query)
            found += [{"service": service, **_described(row)} for row in rows]
    return found


async def _show(asked: Scope, service: str, id: int) -> dict[str, Any]:
    async with connection_to(asked.installation, service) as connection:
        row = (await connection.execute(select(parked).where(parked.c.id == id))).one_or_none()
        if row is None:
            raise WrongUsage(f"{service} has no parked event {id}: it was replayed or discarded")
        behind = await _behind(connection, row)
    return {**_described(row), "headers": row.headers, "value": _value(row.value), "behind": behind}


async def _behind(connection: AsyncConnection, row: Row[Any]) -> list[int]:
    queue = (parked.c.topic == row.topic) & (parked.c.key == row.key) & (parked.c.id > row.id)
    return list(await connection.scalars(select(parked.c.id).where(queue).order_by(parked.c.id)))


async def _replay(asked: Scope, service: str, ids: Sequence[int], wait_s: float) -> list[Outcome]:
    async with engine_of(asked.installation, service) as engine:
        return await replay_and_wait(engine, service, ids, time.monotonic() + wait_s)


async def _discard(asked: Scope, service: str, ids: Sequence[int]) -> int:
    async with engine_of(asked.installation, service) as engine, AsyncSession(engine) as session:
        number = await discard(session, ids, getpass.getuser())
        await session.commit()
        return number


def _raise_unless_handled(service: str, outcomes: Sequence[Outcome]) -> None:
    waiting = [one.id for one in outcomes if one.outcome == "waiting"]
    if waiting:
        raise Found(f"{len(waiting)} events still wait: does {service}'s consumer run?")
    failed = [str(one.id) for one in outcomes if one.outcome == "failed"]
    if failed:
        raise Found(f"failed again: {', '.join(failed)}; florin dead-letters show says why")


def _described(row: Row[Any]) -> dict[str, Any]:
    names = ("id", "topic", "partition", "offset", "key", "error", "parked_at")
    columns = row._mapping
    return {name: columns[name] for name in (*names, "replay_requested_at")}


def _shortened(error: str) -> str:
    """An error as it stands in a list; `show` has it whole."""
    line = error.replace("\\n", " ")
    return line if len(line) <= _ERROR_CHARACTERS else f"{line[:_ERROR_CHARACTERS]} …"


def _value(raw: bytes | None) -> str | None:
    """JSON as a person reads it; anything else as it came, in base64 where it is no text."""
    if raw is None:
        return None
    try:
        text = raw.decode()
    except ValueError:
        return f"base64:{base64.b64encode(raw).decode()}"
    try:
        return json.dumps(json.loads(text), indent=2, ensure_ascii=False)
    except ValueError:
        return text
