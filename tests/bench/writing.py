"""Transactions a second: a use case of the chassis, and the same row without its event."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from uuid import uuid4

from tests.bench.backlog import NO_KAFKA, settings_of
from tests.bench.subject import running

from florin_chassis.actor import process_actor
from florin_providers.models import Provider
from florin_providers.service import service
from florin_providers.use_cases.create_provider import create_provider

_NEW = ("EUR", "Europe/Vienna")


async def with_event(database_url: str, concurrency: int, seconds: float) -> float:
    """What a request does between its body and its answer."""
    async with running(service, settings_of(database_url, NO_KAFKA)) as runtime:
        begin = runtime.begin_as(process_actor(service.name))

        async def write() -> None:
            await create_provider("Provider", uuid4().hex, *_NEW, begin)

        return await _rate(write, concurrency, seconds)


async def without_event(database_url: str, concurrency: int, seconds: float) -> float:
    """The same row by the same kind of session, bound to the same actor; no outbox, no audit."""
    currency, time_zone = _NEW
    async with running(service, settings_of(database_url, NO_KAFKA)) as runtime:
        actor = process_actor(service.name)

        async def write() -> None:
            provider = Provider(
                name="Provider",
                slug=uuid4().hex,
                currency=currency,
                time_zone=time_zone,
                registration_open=True,
                conditions=(),
                version=1,
            )
            async with runtime.database.session(actor) as session:
                session.add(provider)
                await session.commit()

        return await _rate(write, concurrency, seconds)


async def _rate(write: Callable[[], Awaitable[None]], concurrency: int, seconds: float) -> float:
    await asyncio.gather(*(write() for _ in range(concurrency)))  # connects the whole pool
    started = time.perf_counter()

    async def keep_writing() -> int:
        written = 0
        while time.perf_counter() - started < seconds:
            await write()
            written += 1
        return written

    written = sum(await asyncio.gather(*(keep_writing() for _ in range(concurrency))))
    return written / (time.perf_counter() - started)
