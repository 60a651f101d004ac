"""`rebuild`: the command that builds a service's projections anew from the state topics."""

import argparse
import sys
from collections.abc import Sequence

from aiokafka.errors import KafkaError

from florin_chassis.progress import Progress
from florin_chassis.road.rebuilding import Rebuilt, rebuild
from florin_chassis.road.subscriptions import Subscriptions
from florin_chassis.runtime import Runtime

_UNREACHABLE = 3


async def rebuild_command(
    runtime: Runtime, subscriptions: Subscriptions, arguments: Sequence[str]
) -> None:
    """Rebuild the projections of the named topics, or all, while the service goes on.

    Exits with 2 on a topic that is not projected here, with 1 when states could not be read, and
    with 3 when Kafka does not answer.
    """
    parser = argparse.ArgumentParser(prog=f"python -m florin_{runtime.service} rebuild")
    known = ", ".join(sorted(subscriptions.projected)) or "none"
    parser.add_argument("topic", nargs="*", help=f"of {known}; none means all")
    topics = parser.parse_args(arguments).topic
    try:
        ends = await _rebuild(runtime, subscriptions, topics)
    except LookupError as error:
        parser.error(f"{error}; projected here: {known}")
    except KafkaError as error:
        sys.stderr.write(f"rebuild: Kafka at {runtime.settings.kafka_bootstrap}: {error!r}\n")
        raise SystemExit(_UNREACHABLE) from None
    for end in ends:
        sys.stdout.write(
            f"{end.topic}: {end.read} states read, {end.vanished} rows vanished,"
            f" {end.unreadable} states unreadable\n"
        )
    if any(end.unreadable for end in ends):
        raise SystemExit(1)


async def _rebuild(
    runtime: Runtime, subscriptions: Subscriptions, topics: Sequence[str]
) -> list[Rebuilt]:
    """How each topic ended."""
    ends: dict[str, Rebuilt] = {}
    bars: dict[str, Progress] = {}
    async for now in rebuild(runtime, subscriptions, topics):
        before = ends.get(now.topic)
        bar = bars.setdefault(now.topic, Progress(now.topic, now.total))
        bar.advance(now.read - (before.read if before else 0))
        ends[now.topic] = now
        if now.vanished is not None:
            bar.finish()
    return list(ends.values())
