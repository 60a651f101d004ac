"""Faults of what tokens rest on: signing keys that change, and what tells of revocations."""

import os
import subprocess
from typing import ClassVar

from tests.faults.fault import Fault
from tests.faults.trust import Emergency

from florin_local import programs
from florin_local.folders import PROJECT


class KeyRotation(Fault):
    """Another key signs, by command and under load; nobody notices."""

    name = "key-rotation"
    pause_s = (8.0, 12.0)
    option: ClassVar[str] = "--now"
    # Longer than a replica of identity goes without reading the keys: all publish the next one.

    def strike(self) -> None:
        """Once."""
        self.arena.say(f"{self.name}: rotate-keys {self.option}")
        subprocess.run(
            programs.command("identity", "rotate-keys", self.option),
            env=os.environ | self.arena.stack.environment_of("identity"),
            cwd=PROJECT,
            check=True,
            capture_output=True,
        )


class KeyCompromise(KeyRotation):
    """All signing keys are dropped: old tokens are refused, and who refreshes goes on."""

    name = "key-compromise"
    pause_s = (14.0, 18.0)
    option = "--compromised"

    def strike(self) -> None:
        """Once; the history has the emergency, so that old tokens are known to be such."""
        history = self.arena.history
        asked = history.now()
        super().strike()
        history.emergencies.append(Emergency(asked, history.now()))


class Revocation(Fault):
    """What carries or heeds a revocation is killed: the broker, relays, a consumer, the doors."""

    name = "revocation"
    pause_s = (12.0, 15.0)
    # Longer than recovery takes: between two strikes a second is all that a revocation has.
    _carriers: ClassVar = frozenset({"identity relay", "providers relay", "identity consumer"})

    def strike(self) -> None:
        """The broker or a carrier; then a door, which has to know again what it knew before."""
        if self.rng.random() < 1 / 3:
            self._kill_the_broker()
        else:
            self._kill(*self._carriers)
        self.wait(0.5, 2)
        self._kill("gateway", *(member.part for member in self.arena.fleet.of("api")))

    def _kill_the_broker(self) -> None:
        kafka = self.arena.stack.kafka
        with self.arena.history.outages.of("kafka"):
            self.arena.say(f"{self.name}: SIGKILL kafka")
            kafka.kill()
            self.wait(1, 10)
            kafka.start()

    def _kill(self, *parts: str) -> None:
        fleet = self.arena.fleet
        everybody = [*fleet.members, fleet.gateway]
        victim = self.rng.choice([member for member in everybody if member.part in parts])
        self.arena.say(f"{self.name}: SIGKILL {victim.name}")
        fleet.kill(victim)
        self.wait(0, 2)
        fleet.start(victim)
