"""A part is kept running whatever ends it, but for being told to stop."""

import asyncio

import pytest

from florin_chassis.supervision import supervised


async def ended_by(*errors: BaseException) -> int:
    """How often a part ran that these ended one after the other, before it was told to stop."""
    stopping, ran, left = asyncio.Event(), 0, list(errors)

    async def run(stop: asyncio.Event) -> None:
        nonlocal ran
        ran += 1
        if left:
            raise left.pop(0)
        stop.set()

    await supervised("part", run, stopping, asyncio.Event())
    return ran


async def test_a_part_that_fails_is_started_again() -> None:
    assert await ended_by(OSError(), AssertionError()) == 3


async def test_a_cancellation_that_was_meant_for_something_else_ends_no_part() -> None:
    assert await ended_by(asyncio.CancelledError()) == 2


async def test_a_part_whose_own_task_is_cancelled_ends() -> None:
    async def run(stopping: asyncio.Event) -> None:
        await stopping.wait()

    task = asyncio.create_task(supervised("part", run, asyncio.Event(), asyncio.Event()))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asyncio.wait_for(task, 5)
