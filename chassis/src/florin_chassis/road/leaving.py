"""Takes leave of Kafka, whatever state a consumer's client is in."""

import asyncio
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from aiokafka import AIOKafkaConsumer

_FAREWELL_S: Final = 5.0


async def leave(kafka: "AIOKafkaConsumer", within_s: float = _FAREWELL_S) -> None:
    """Close a consumer, in order where that works in time; raises nothing of what goes wrong.

    aiokafka cancels the fetch that is under way and waits for it: where that had failed, and was
    about to be tried again, `stop` ends with its CancelledError, before any connection is closed.
    Taken for one's own, it would end for good whoever called. Elsewhere `stop` waits for ever.
    """
    if not await _done(asyncio.ensure_future(kafka.stop()), within_s):
        await _done(asyncio.ensure_future(kafka._client.close()), within_s)


async def _done(closing: "asyncio.Future[None]", within_s: float) -> bool:
    """Whether it came to its end."""
    await asyncio.wait({closing}, timeout=within_s)
    if not closing.done():
        closing.cancel()
        return False
    return not closing.cancelled() and closing.exception() is None
