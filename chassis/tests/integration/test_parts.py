"""A service's own part runs until the service is stopped, and again when it fails."""

import asyncio
import os
import signal
from dataclasses import replace

from chassis.tests.weather.service import service
from tests.plugins.servers import SettingsFor

from florin_chassis.processes import run_service
from florin_chassis.runtime import Runtime
from florin_chassis.service import Background


async def test_a_part_is_started_again_until_the_service_stops(settings_for: SettingsFor) -> None:
    started, finished = asyncio.Queue[Runtime](), asyncio.Event()

    def forecast(runtime: Runtime) -> Background:
        async def run(stopping: asyncio.Event) -> None:
            await started.put(runtime)
            if started.qsize() == 1:
                raise OSError("the first try fails")
            await stopping.wait()
            finished.set()

        return run

    settings = settings_for(service).model_copy(update={"http_port": 0})
    parts = frozenset({"forecast"})
    whole = replace(service, parts={"forecast": forecast, "never": forecast})
    running = asyncio.create_task(run_service(whole, settings, parts))
    async with asyncio.timeout(60):
        while started.qsize() < 2:  # noqa: ASYNC110 - the second start comes after a delay
            await asyncio.sleep(0.01)
        os.kill(os.getpid(), signal.SIGTERM)
        await running
    assert finished.is_set()
    assert started.qsize() == 2
