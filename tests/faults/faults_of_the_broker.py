"""Faults of Kafka: killed, gone for long, its log lost, members of its groups coming and going."""

import asyncio
import subprocess
from functools import partial

from sqlalchemy.ext.asyncio import create_async_engine
from tests.faults.fault import Fault
from tests.faults.strangers import visit_groups

from florin_chassis.road.positions import rewind
from florin_local import programs
from florin_local.folders import PROJECT
from florin_local.settings import SERVICES
from florin_local.together import together

_GONE_S_MIN, _GONE_S_MORE = 15.0, 60.0


class BrokerKill(Fault):
    """The broker is killed, and comes back with its log."""

    name = "broker-kill"
    disturbs = ("kafka",)
    pause_s = (2.0, 6.0)

    def strike(self) -> None:
        """Kill it, start it."""
        self.arena.say("broker-kill: SIGKILL kafka")
        self.arena.stack.kafka.kill()
        self.wait(0, 2)
        self.arena.stack.kafka.start()


class BrokerGone(Fault):
    """There is no broker for a long time; writes go on."""

    name = "broker-gone"
    disturbs = ("kafka",)
    pause_s = (5.0, 10.0)

    def strike(self) -> None:
        """Kill it, wait, start it."""
        self.arena.say("broker-gone: no broker from now on")
        self.arena.stack.kafka.kill()
        self.stay(_GONE_S_MIN, _GONE_S_MIN)
        self.wait(0, _GONE_S_MORE)
        self.arena.stack.kafka.start()
        self.arena.say("broker-gone: the broker is back")


class BrokerWipe(Fault):
    """The broker loses its whole log; the operator rewinds the relays and makes the topics."""

    name = "broker-wipe"
    disturbs = ("kafka",)
    pause_s = (10.0, 15.0)

    def strike(self) -> None:
        """Kill it, wipe it, start it empty; rewind the relays, make the topics; all go on running.

        The relays first: as long as there are no topics nothing can be published, so that the new
        log begins with what was stated first, and not with what was stated since the loss.
        """
        kafka = self.arena.stack.kafka
        self.arena.say("broker-wipe: the log is lost")
        kafka.kill()
        kafka.wipe()
        kafka.start()
        for name in SERVICES:
            asyncio.run(self._rewind(name))
        together(*(partial(self._run, name, "migrate") for name in SERVICES))  # makes the topics
        self.arena.say("broker-wipe: relays are rewound, topics are made")

    async def _rewind(self, name: str) -> None:
        engine = create_async_engine(self.arena.stack.database_url(name))
        try:
            for reader in ("facts", "states"):
                await rewind(engine, reader, 0)
        finally:
            await engine.dispose()

    def _run(self, name: str, process: str) -> None:
        subprocess.run(
            programs.command(name, process),
            env=self.arena.stack.environment_of(name),
            cwd=PROJECT,
            check=True,
            capture_output=True,
        )


class RebalanceStorm(Fault):
    """Strangers join and leave the consumers' groups all the time."""

    name = "rebalance-storm"
    disturbs = ("identity consumer",)
    pause_s = (0.0, 0.5)

    def strike(self) -> None:
        """One more member of every group, for a moment."""
        seconds = self.rng.uniform(0.2, 1.0)
        groups = asyncio.run(visit_groups(self.arena.stack.kafka_bootstrap, seconds))
        self.arena.say(f"rebalance-storm: a stranger in {groups} groups for {seconds:.1f} s")
