"""Keeps a part of a process running: whatever ends it, it is started again."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import structlog

from florin_chassis.errors import ConsumerHalted
from florin_chassis.service import Background
from florin_chassis.waiting import happened

_RESTART_S, _RESTART_S_MAX = 0.1, 2.0
_log = structlog.get_logger(__name__)


async def supervised(
    name: str,
    run: Background,
    stopping: asyncio.Event,
    failed: asyncio.Event,
) -> None:
    """Run a part again and again: a lost broker or database ends it, and it starts where it was."""
    delay = _RESTART_S
    while not stopping.is_set():
        started = time.monotonic()
        try:
            await run(stopping)
        except ConsumerHalted:
            _log.critical("consumer halted: see the parked events", exc_info=True)
            failed.set()
            return
        except (Exception, asyncio.CancelledError) as error:  # it is restarted, whatever it was
            if _is_cancelled():
                raise
            if time.monotonic() - started > _RESTART_S_MAX:  # it ran: this is a fault of its own
                delay = _RESTART_S
            _log.warning("restarting", part=name, error=repr(error), delay_s=delay)
            await happened(stopping, delay)
            delay = min(delay * 2, _RESTART_S_MAX)


def _is_cancelled() -> bool:
    """Whether this very task is: what a part awaited may have been, and is none of ours."""
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0


@asynccontextmanager
async def beside(name: str, run: Background) -> AsyncIterator[None]:
    """A part that runs for as long as the block does, and can be cut off anywhere."""
    stopping = asyncio.Event()
    task = asyncio.create_task(supervised(name, run, stopping, asyncio.Event()))
    try:
        yield
    finally:
        stopping.set()
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
