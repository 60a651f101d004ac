"""One run: load, faults meanwhile, rest, evidence, verdicts."""

import asyncio
import threading
import time
from collections.abc import Coroutine, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any

from tests.faults.arena import Arena
from tests.faults.asking import Asking
from tests.faults.checker import Verdict, judge
from tests.faults.doorkeeping import Doorkeeping
from tests.faults.evidence import Vitals
from tests.faults.fault import Fault
from tests.faults.history import History
from tests.faults.leaving import Leaving
from tests.faults.load import Load
from tests.faults.shop import open_shop

CLIENTS = 6
REST_S_MAX = 90
WARM_UP_S = 3.0
_SETTLE_S = 2.0
_PROGRESS_S = 10.0


@dataclass(frozen=True)
class Finding:
    """What came of a run."""

    history: History
    verdicts: Sequence[Verdict]
    struck: dict[str, int]
    skipped: dict[str, str]


class Run:
    """Load on an arena, and faults for so many seconds."""

    def __init__(self, arena: Arena, kinds: Sequence[type[Fault]], seconds: float) -> None:
        self._arena, self._kinds, self._seconds = arena, list(kinds), seconds
        load_rng = Random(arena.rng.random())  # noqa: S311 - chance that can be repeated
        self._asking = Asking.at(arena.stack.gateway_url, load_rng, arena.history)
        self._struck = {kind.name: 0 for kind in kinds}
        self._skipped: dict[str, str] = {}
        self._failed = threading.Event()

    async def run(self) -> Finding:
        """Everything, from the first client to the verdicts."""
        arena = self._arena
        shop = await asyncio.to_thread(open_shop, arena.stack)
        load = Load(self._asking, shop, CLIENTS)
        doors = Doorkeeping(self._asking, arena.doors)
        leaving = Leaving(self._asking, shop, doors)
        loading = asyncio.create_task(_together(load.run(), leaving.run()))
        telling = asyncio.create_task(self._tell())
        await asyncio.sleep(WARM_UP_S)
        before = await asyncio.to_thread(arena.witness.vitals)
        striking = asyncio.create_task(asyncio.to_thread(self._strike_all))
        await asyncio.wait({striking, loading}, return_when=asyncio.FIRST_COMPLETED)
        if loading.done():
            self._failed.set()
        await striking
        self._asking.fault = "afterwards"
        await asyncio.sleep(WARM_UP_S)
        load.stop()
        leaving.stop()
        await loading
        await doors.close()
        telling.cancel()
        await self._asking.http.aclose()
        return await asyncio.to_thread(self._judge, before)

    def _strike_all(self) -> None:
        """Faults one after another, in a random order, each for its share of the time."""
        arena = self._arena
        share_s = self._seconds / len(self._kinds)
        for kind in arena.rng.sample(self._kinds, len(self._kinds)):
            over = threading.Event()
            fault = kind(arena, over)
            if reason := fault.not_applicable():
                self._skipped[kind.name] = reason
                arena.say(f"{kind.name}: not applicable: {reason}")
                continue
            self._asking.fault = kind.name
            timer = threading.Timer(share_s, over.set)
            timer.start()
            self._strike(fault)
            timer.cancel()

    def _strike(self, fault: Fault) -> None:
        """Until its time is over; at least one strike, however short that is."""
        while True:
            with self._arena.history.outages.of(*fault.disturbs):
                fault.strike()
            self._struck[fault.name] += 1
            for name in self._arena.fleet.revive():
                self._arena.say(f"{name} had ended, and is started again")
            fault.wait(*fault.pause_s)
            if fault.over.is_set() or self._failed.is_set():
                break
        fault.aftermath()

    def _judge(self, before: Vitals) -> Finding:
        arena = self._arena
        unsettled = self._rest()
        arena.say("reading databases and Kafka")
        evidence = arena.witness.evidence(before, unsettled=unsettled, broken=arena.broken)
        verdicts = judge(self._asking.history, evidence)
        return Finding(self._asking.history, verdicts, self._struck, self._skipped)

    def _rest(self) -> list[str]:
        """Wait until nothing is on its way any more; what is still is returned."""
        self._arena.say("the load has ended; waiting for rest")
        deadline = time.monotonic() + REST_S_MAX
        while unsettled := self._arena.witness.unsettled():
            if time.monotonic() > deadline:
                return [f"after {REST_S_MAX} s: {what}" for what in unsettled]
            time.sleep(0.5)
        time.sleep(_SETTLE_S)  # for what looks like rest and is a pause, and connections to close
        return []

    async def _tell(self) -> None:
        while True:
            await asyncio.sleep(_PROGRESS_S)
            operations = self._asking.history.operations
            done = sum(bool(operation.acknowledged) for operation in operations)
            self._arena.say(f"{len(operations)} operations tried, {done} acknowledged")


async def _together(*loads: Coroutine[Any, Any, None]) -> None:
    await asyncio.gather(*loads)
