"""Waiting for something to happen, but not for ever."""

import asyncio


async def happened(event: asyncio.Event, within_s: float) -> bool:
    """Whether the event was set within so many seconds."""
    try:
        await asyncio.wait_for(event.wait(), within_s)
    except TimeoutError:
        return False
    return True
