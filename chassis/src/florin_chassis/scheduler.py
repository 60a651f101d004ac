"""Runs a service's periodic jobs: each in one replica at a time, none of them at exact times."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

import structlog
from sqlalchemy import text

from florin_chassis.road.housekeeping import tidy
from florin_chassis.road.tombstones import restate_tombstones
from florin_chassis.runtime import Runtime
from florin_chassis.waiting import happened

_LEASE = text("SELECT pg_try_advisory_xact_lock(hashtextextended(:name, 0))")
_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Job:
    """Something to be done every so many seconds. It must stand being done twice or cut short."""

    name: str
    every_s: float
    run: Callable[[Runtime], Awaitable[None]]


HOUSEKEEPING = Job("housekeeping", 3_600, tidy)
TOMBSTONES = Job("tombstones", 3_600, restate_tombstones)


class Scheduler:
    """The chassis' jobs and the service's own."""

    def __init__(self, runtime: Runtime, jobs: Sequence[Job]) -> None:
        self._runtime = runtime
        self._jobs = (HOUSEKEEPING, TOMBSTONES, *jobs)

    async def run(self, stopping: asyncio.Event) -> None:
        """Run every job at its interval until `stopping`; one that is running then is finished."""
        async with asyncio.TaskGroup() as group:
            for job in self._jobs:
                group.create_task(self._repeat(job, stopping))

    async def _repeat(self, job: Job, stopping: asyncio.Event) -> None:
        while not stopping.is_set():
            await self._once(job)
            await happened(stopping, job.every_s)

    async def _once(self, job: Job) -> None:
        """Run the job unless another replica is running it; a fault waits for the next turn."""
        try:
            async with self._runtime.database.engine.begin() as lease:
                if await lease.scalar(_LEASE, {"name": f"florin.job.{job.name}"}):
                    await job.run(self._runtime)
        except Exception:  # noqa: BLE001 - one job's fault is not another's
            _log.exception("job failed", job=job.name)
