"""Waiting for something to happen, but not for ever."""

import asyncio
from collections.abc import Coroutine
from typing import Any


async def happened(event: asyncio.Event, within_s: float) -> bool:
    """Whether the event was set within so many seconds."""
    try:
        await asyncio.wait_for(event.wait(), within_s)
    except TimeoutError:
        return False
    return True


async def any_happened(*events: asyncio.Event, within_s: float) -> bool:
    """Whether one of the events was set within so many seconds."""
    waits = [asyncio.ensure_future(event.wait()) for event in events]
    try:
        done, _ = await asyncio.wait(waits, timeout=within_s, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for wait in waits:
            wait.cancel()
    return bool(done)


async def first_of(*parts: Coroutine[Any, Any, None]) -> None:
    """Run all until the first ends, then cancel the others; raises what that one raised."""
    tasks = [asyncio.ensure_future(part) for part in parts]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    for task in done:
        task.result()
