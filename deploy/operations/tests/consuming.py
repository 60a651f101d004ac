"""The real consumer of clients, on the topics of one test, beside the test itself."""

import asyncio
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

from deploy.operations.tests.world import World
from tests.plugins.servers import SettingsFor

from florin_chassis.database import Database
from florin_chassis.road.consumer import Consumer
from florin_chassis.runtime import Runtime
from florin_chassis.settings import ServiceSettings
from florin_chassis.testing.tokens import AUDIENCE, ISSUER, Issuer
from florin_chassis.tokens import TokenVerifier
from florin_clients.service import service


@contextmanager
def consuming(world: World, settings_for: SettingsFor) -> Iterator[None]:
    """Run it in a loop of its own: commands run loops of theirs in the test's thread."""
    where = {"kafka_bootstrap": world.bootstrap, "topic_prefix": world.prefix}
    settings = settings_for(service).model_copy(update=where)
    loop, stopping = asyncio.new_event_loop(), asyncio.Event()
    with ThreadPoolExecutor(1) as thread:
        ended = thread.submit(loop.run_until_complete, _run(settings, stopping))
        try:
            yield
        finally:
            loop.call_soon_threadsafe(stopping.set)
            ended.result()
            loop.close()


async def _run(settings: ServiceSettings, stopping: asyncio.Event) -> None:
    database = Database(settings)
    verifier = TokenVerifier(Issuer(), ISSUER, AUDIENCE)
    topics = frozenset(service.subscriptions.topics)
    runtime = Runtime(service.name, settings, database, verifier, topics)
    try:
        await Consumer(runtime, service.subscriptions).run(stopping)
    finally:
        await database.close()
