"""Faults of our own processes: killed, paused, ended in order, joined by strangers."""

from collections.abc import Sequence
from typing import ClassVar

from tests.faults.fault import Fault
from tests.faults.fleet import Member

_SESSION_TIMEOUT_S = 10
"""aiokafka's default, after which a silent consumer has lost its partitions."""


class _Kill(Fault):
    kinds: ClassVar[Sequence[str]] = ()
    at_once_max: ClassVar[int] = 4

    def strike(self) -> None:
        """End some without warning, each at its own moment, and start them again."""
        victims = self.rng.sample(self.choice(), self.rng.randint(1, self.at_once_max))
        for victim in victims:
            self.wait(0, 0.5)
            self.arena.say(f"{self.name}: SIGKILL {victim.name}")
            self.arena.fleet.kill(victim)
        self.wait(0, 1)
        self.arena.fleet.start(*victims)

    def choice(self) -> list[Member]:
        """Whom it may hit."""
        return self.arena.fleet.of(*self.kinds)


class ProcessKill(_Kill):
    """SIGKILL of any process, the gateway too."""

    name = "process-kill"
    at_once_max = 1

    def choice(self) -> list[Member]:
        """Everybody."""
        return [*self.arena.fleet.members, self.arena.fleet.gateway]


class RelayKill(_Kill):
    """A relay dies in quick succession, between acknowledgement and confirmation among others."""

    name = "relay-kill"
    kinds = ("relay",)
    pause_s = (0.0, 1.0)


class ConsumerKill(_Kill):
    """A consumer dies in quick succession, around its commit among others."""

    name = "consumer-kill"
    kinds = ("consumer",)
    pause_s = (0.0, 1.0)


class Zombie(Fault):
    """A consumer stands still past its session timeout; another takes over; it comes back."""

    name = "zombie"

    def strike(self) -> None:
        """Pause one, let its partitions go to another, let it on."""
        fleet = self.arena.fleet
        paused = self.rng.choice(fleet.of("consumer"))
        heir = fleet.add(paused.service, "consumer")
        try:
            self.arena.say(f"zombie: SIGSTOP {paused.name}, {heir.name} takes over")
            fleet.pause(paused)
            self.stay(_SESSION_TIMEOUT_S + 2, _SESSION_TIMEOUT_S + 6)
            self.arena.say(f"zombie: SIGCONT {paused.name}")
            fleet.let_on(paused)
            self.stay(2, 4)
        finally:
            fleet.let_on(paused)
            fleet.remove(heir)


class Pause(Fault):
    """Any process stands still for a while, with its connections and its lease."""

    name = "pause"

    def strike(self) -> None:
        """Pause one, and let it on."""
        fleet = self.arena.fleet
        member = self.rng.choice([*fleet.members, fleet.gateway])
        self.arena.say(f"pause: SIGSTOP {member.name}")
        fleet.pause(member)
        try:
            self.wait(1, 8)
        finally:
            fleet.let_on(member)


class RollingRestart(Fault):
    """SIGTERM to each process of a service while another of its kind takes over; no 5xx."""

    name = "rolling-restart"
    pause_s = (0.2, 1.0)

    def strike(self) -> None:
        """A new replica comes, an old one goes: all processes of one service."""
        members = self.arena.fleet.members
        service = self.rng.choice(sorted({member.service for member in members}))
        self.arena.say(f"rolling-restart: {service}")
        for kind in [member.kind for member in members if member.service == service]:
            self._roll(service, kind)

    def _roll(self, service: str, kind: str) -> None:
        fleet = self.arena.fleet
        [old] = [m for m in fleet.of(kind) if m.service == service]
        helper = fleet.add(service, kind)
        fleet.end_noticed(old)
        fleet.start(old)
        if kind == "api":
            fleet.join_address(old)
        fleet.remove_noticed(helper)
