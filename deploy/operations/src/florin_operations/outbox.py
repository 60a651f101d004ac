"""The way out of a service: what its relay has published, and what keeps it from publishing."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

import typer
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from florin_chassis.road.positions import rewind
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
from florin_operations.outbox_queries import PARTITIONS, READERS, SLOTS
from florin_operations.output import cell, print_json, print_table, say

app = typer.Typer(no_args_is_help=True, help="What a service's relay has published.")

_OLD_S = 60.0


@dataclass(frozen=True)
class Reader:
    """A reader of the outbox: how far it is, what it has still to publish, and who does it."""

    reader: str
    position: int
    last: int
    unpublished: int
    oldest: timedelta | None
    leader_pid: int | None
    leader_address: str | None
    leader_since: datetime | None


@dataclass(frozen=True)
class Slot:
    """A replication slot, of a relay that reads the write-ahead log, and what log it keeps back."""

    name: str
    active: bool
    wal_status: str | None
    lag_bytes: int | None
    safe_bytes: int | None


@dataclass(frozen=True)
class Status:
    """All of it, of one service."""

    service: str
    mode: str | None
    readers: list[Reader]
    slots: list[Slot]
    partitions: list[dict[str, Any]]
    findings: list[str] = field(default_factory=list)


@app.command()
def status(
    *,
    service: Services = None,
    max_age_s: Annotated[
        float, typer.Option(help="Exit with 1 when a row has waited for longer.")
    ] = _OLD_S,
    stack: Stack = False,
    as_json: Json = False,
) -> None:
    """Who relays, how, how far, and what waits; exits with 1 when that is not as it must be."""
    asked = scope(stack=stack, services=service)
    found = finish(_statuses(asked, max_age_s))
    if as_json:
        print_json({"services": found})
    else:
        _print(found)
    findings = [f"{one.service}: {finding}" for one in found for finding in one.findings]
    if findings:
        raise Found("; ".join(findings))


@app.command("rewind")
def rewind_command(  # noqa: PLR0913 - each is a flag of its own on the command line
    service: Service,
    *,
    since: Annotated[
        datetime | None, typer.Option(help="Publish again what was stated since then (UTC).")
    ] = None,
    position: Annotated[
        int | None, typer.Option(min=0, help="Publish again what lies above this outbox id.")
    ] = None,
    reader: Annotated[str, typer.Option(help="facts or states.")] = "facts",
    yes: Yes = False,
    stack: Stack = False,
    as_json: Json = False,
) -> None:
    """Publish again what Kafka has lost; consumers drop by its id what they have had.

    The running relay notices by itself. What retention has removed from the outbox cannot come
    again: `florin outbox status` shows the partitions that are left.
    """
    if (since is None) == (position is None):
        raise WrongUsage("give either --since or --position")
    if reader not in {"facts", "states"}:
        raise WrongUsage(f"there is no reader {reader!r}: facts or states")
    asked = scope(stack=stack, services=[service])
    to = position if since is None else since.replace(tzinfo=since.tzinfo or UTC)
    assert to is not None  # noqa: S101 - one of the two is given
    what = f"rows above {to:,}" if isinstance(to, int) else f"what was stated since {cell(to)}"
    confirm(f"Let {service}'s relay publish {what} again ({reader})?", yes=yes)
    moved = finish(_rewind(asked, service, reader, to))
    if as_json:
        print_json({"service": service, "reader": reader, "rewound": moved})
    else:
        say("The relay publishes it again." if moved else "Nothing to publish again.")
    if not moved:
        raise Found("the reader's position was not above that: nothing was set back")


async def _rewind(asked: Scope, service: str, reader: str, to: datetime | int) -> bool:
    async with engine_of(asked.installation, service) as engine:
        return await rewind(engine, reader, to)


async def _statuses(asked: Scope, max_age_s: float) -> list[Status]:
    return [await _status(asked, service, max_age_s) for service in asked.services]


async def _status(asked: Scope, service: str, max_age_s: float) -> Status:
    async with connection_to(asked.installation, service) as connection:
        readers = [Reader(**row) for row in await _rows(connection, READERS)]
        slots = [Slot(**row) for row in await _rows(connection, SLOTS)]
        partitions = [dict(row) for row in await _rows(connection, PARTITIONS)]
    findings = [*_of_readers(readers, max_age_s), *_of_slots(slots)]
    return Status(service, _mode(readers, slots), readers, slots, partitions, findings)


def _mode(readers: Iterable[Reader], slots: Iterable[Slot]) -> str | None:
    """How the leading relay reads facts; nothing where none leads."""
    if not any(reader.reader == "facts" and reader.leader_pid for reader in readers):
        return None
    return "wal" if any(slot.active for slot in slots) else "poll"


async def _rows(connection: AsyncConnection, query: str) -> list[Any]:
    return list((await connection.execute(text(query))).mappings())


def _of_readers(readers: Iterable[Reader], max_age_s: float) -> Iterable[str]:
    for reader in readers:
        if reader.leader_pid is None:
            yield f"{reader.reader}: no relay leads"
        if reader.oldest is not None and reader.oldest.total_seconds() > max_age_s:
            yield f"{reader.reader}: the oldest row has waited for {cell(reader.oldest)}"


def _of_slots(slots: Iterable[Slot]) -> Iterable[str]:
    for slot in slots:
        if slot.wal_status in {"unreserved", "lost"}:
            yield f"slot {slot.name} is {slot.wal_status}"
        elif not slot.active:
            yield f"nobody reads slot {slot.name}, and it keeps back the write-ahead log"


def _print(found: Iterable[Status]) -> None:
    for one in found:
        say(f"\n{one.service}: facts are read by {one.mode or 'nobody'}; {_held(one.partitions)}")
        columns = (
            "reader",
            "position",
            "last row",
            "unpublished",
            "oldest",
            "relay",
            "leads since",
        )
        print_table("Readers", columns, map(_row, one.readers))
        if one.slots:
            print_table(
                "Replication slots",
                ("name", "active", "status", "keeps back, bytes", "safe, bytes"),
                ((s.name, s.active, s.wal_status, s.lag_bytes, s.safe_bytes) for s in one.slots),
            )
        for finding in one.findings:
            say(f"! {finding}")


def _row(reader: Reader) -> tuple[object, ...]:
    address = reader.leader_address or "local"
    leader = f"{address}, session {reader.leader_pid}" if reader.leader_pid else None
    waiting = (reader.position, reader.last, reader.unpublished, reader.oldest)
    return (reader.reader, *waiting, leader, reader.leader_since)


def _held(partitions: Sequence[dict[str, Any]]) -> str:
    """The outbox in a line; each partition stands in the JSON."""
    used = [p for p in partitions if p["rows"]]
    size = sum(partition["bytes"] for partition in partitions)
    held = f", the oldest rows in {used[0]['name']}" if used else ", no rows"
    return f"{len(partitions)} partitions of {size:,} bytes{held}"
