"""`restate`: the command that states a service's aggregates again, and can be taken up again."""

import argparse
import sys
from collections.abc import Mapping, Sequence
from uuid import UUID

from sqlalchemy import MetaData

from florin_chassis.orm import Aggregate, aggregates_of, topic_of_facts
from florin_chassis.progress import Progress
from florin_chassis.road.restating import count_aggregates, restate
from florin_chassis.runtime import Runtime

Kinds = Mapping[str, type[Aggregate]]


async def restate_command(runtime: Runtime, metadata: MetaData, arguments: Sequence[str]) -> None:
    """State the named kinds of aggregates, or all. Exits with 2 on a kind that there is none of.

    Stating twice does no harm. Cut short, it says how to go on from there.
    """
    kinds = _kinds(runtime.service, metadata)
    names, after = _read(runtime.service, kinds, arguments)
    for position, name in enumerate(names):
        done = after if position == 0 else None
        progress = Progress(name, await count_aggregates(runtime, kinds[name], done))
        try:
            async for count, last in restate(runtime, kinds[name], done):
                progress.advance(count)
                done = last
        except BaseException:
            _say_how_to_go_on(runtime.service, names[position:], done)
            raise
        finally:
            progress.finish()


def _kinds(service: str, metadata: MetaData) -> Kinds:
    topics = {topic_of_facts(kind, service): kind for kind in aggregates_of(metadata)}
    return {topic.partition("-")[2]: topics[topic] for topic in sorted(topics)}


def _read(
    service: str, kinds: Kinds, arguments: Sequence[str]
) -> tuple[Sequence[str], UUID | None]:
    parser = argparse.ArgumentParser(prog=f"python -m florin_{service} restate")
    parser.add_argument("aggregate", nargs="*", help=f"of {', '.join(kinds)}; none means all")
    parser.add_argument("--after", type=UUID, help="the id after which the first of them goes on")
    parsed = parser.parse_args(arguments)
    if unknown := [name for name in parsed.aggregate if name not in kinds]:
        parser.error(f"{service} states no {unknown[0]}: there are {', '.join(kinds)}")
    return parsed.aggregate or list(kinds), parsed.after


def _say_how_to_go_on(service: str, names: Sequence[str], done: UUID | None) -> None:
    after = f" --after {done}" if done else ""
    sys.stderr.write(f"\ngo on with: python -m florin_{service} restate {' '.join(names)}{after}\n")
