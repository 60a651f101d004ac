"""A consumer's position on a topic, which is the fence in its own database, seen and moved."""

from typing import Annotated

import typer
from sqlalchemy import text

from florin_contracts.states import state_topic
from florin_operations.databases import engine_of
from florin_operations.errors import Found, WrongUsage
from florin_operations.lag import Lag, measure, print_lags
from florin_operations.log import log_of
from florin_operations.options import Json, Scope, Service, Stack, Yes, confirm, finish, scope
from florin_operations.output import print_json, say
from florin_operations.registry import read_by

app = typer.Typer(no_args_is_help=True, help="How far a consumer has come.")
offsets = typer.Typer(no_args_is_help=True, help="The positions that count: those of the fence.")
app.add_typer(offsets, name="offsets")

Topic = Annotated[str, typer.Argument(help="As the registry names it, without the prefix.")]

# Nothing is known of the record before it: the consumer reads on from there without comparing.
_MOVE = text(
    "INSERT INTO consumer_positions (topic, partition, next_offset)"
    " VALUES (:topic, :partition, :next_offset) ON CONFLICT (topic, partition)"
    " DO UPDATE SET next_offset = excluded.next_offset, last_timestamp = NULL"
)


@offsets.command()
def show(service: Service, topic: Topic, *, stack: Stack = False, as_json: Json = False) -> None:
    """Where a service stands in each partition of one topic."""
    asked = scope(stack=stack, services=[service])
    lags = finish(_lags(asked, topic))
    if as_json:
        print_json({"partitions": lags})
    else:
        print_lags(lags)
    if any(one.finding for one in lags):
        raise Found("a position lies outside of what the log holds")


@offsets.command()
def reset(  # noqa: PLR0913 - each is a flag of its own on the command line
    service: Service,
    topic: Topic,
    *,
    to_earliest: Annotated[
        bool, typer.Option("--to-earliest", help="Read again all that the log holds.")
    ] = False,
    to_offset: Annotated[int | None, typer.Option(min=0, help="Read on from this offset.")] = None,
    partition: Annotated[
        int | None, typer.Option(min=0, help="Of this partition only; needed with --to-offset.")
    ] = None,
    yes: Yes = False,
    stack: Stack = False,
    as_json: Json = False,
) -> None:
    """Move the fence: a running consumer reads on from there once it has its next event, or starts.

    Backwards nothing happens twice: events that are in the inbox have no second effect. Forwards
    events are passed by for good, and `florin verify` will say so.
    """
    if to_earliest == (to_offset is not None):
        raise WrongUsage("give either --to-earliest or --to-offset")
    if to_offset is not None and partition is None:
        raise WrongUsage("--to-offset is of one partition: give --partition")
    asked = scope(stack=stack, services=[service])
    targets = finish(_targets(asked, topic, partition, to_offset))
    told = ", ".join(f"{number} to {offset:,}" for number, offset in targets.items())
    confirm(f"Move {service} on {topic}: partition {told}?", yes=yes)
    finish(_reset(asked, topic, targets))
    if as_json:
        print_json({"service": service, "topic": topic, "positions": targets})
    else:
        say(f"Moved {service} on {topic}: partition {told}.")


async def _lags(asked: Scope, topic: str) -> list[Lag]:
    name = _named(asked, topic)
    return [one for one in await measure(asked.installation, asked.services) if one.topic == name]


async def _targets(
    asked: Scope, topic: str, partition: int | None, to_offset: int | None
) -> dict[int, int]:
    """Where each partition is to stand; raises `WrongUsage` for what the log does not hold."""
    name = _named(asked, topic)
    async with log_of(asked.installation) as log:
        bounds = await log.bounds((await log.topics({name})).values())
    held = {where.partition: bound for where, bound in bounds.items()}
    if not held:
        raise WrongUsage(f"there is no topic {name} on this Kafka")
    if partition is None:
        return {number: bound.first for number, bound in held.items()}
    if partition not in held:
        raise WrongUsage(f"{name} has no partition {partition}: it has {len(held)}, from 0")
    bound = held[partition]
    offset = bound.first if to_offset is None else to_offset
    if not bound.first <= offset <= bound.end:
        raise WrongUsage(f"partition {partition} holds offsets {bound.first} to {bound.end}")
    return {partition: offset}


async def _reset(asked: Scope, topic: str, targets: dict[int, int]) -> None:
    name = asked.installation.topic(topic)
    rows = [{"topic": name, "partition": p, "next_offset": o} for p, o in targets.items()]
    async with engine_of(asked.installation, asked.services[0]) as engine, engine.begin() as one:
        await one.execute(_MOVE, rows)


def _named(asked: Scope, topic: str) -> str:
    """The topic's name on Kafka; raises `WrongUsage` for one that the service does not read."""
    facts = read_by(asked.services[0])
    known = [*facts, *map(state_topic, facts)]
    if topic not in known:
        raise WrongUsage(f"{asked.services[0]} does not read {topic!r}: {', '.join(facts)}")
    return asked.installation.topic(topic)
