"""The services as they run in production: each process apart, restarted when it has died."""

import signal
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from importlib import import_module

import psutil  # type: ignore[import-untyped]
from tests.faults.outages import Outages
from tests.faults.proxy import Proxy

from florin_chassis.service import Service
from florin_local.health import wait_until_ready
from florin_local.ports import HOST, free_port
from florin_local.processes import Process
from florin_local.settings import GATEWAY, SERVICES
from florin_local.stack import Stack

_READY_TIMEOUT_S = 90
_GRACE_S = 30
_NOTICED_S = 1.0
"""How long a platform takes to turn away from a replica that it has told to stop."""

_KINDS = ("api", "relay", "consumer", "scheduler")


@dataclass(frozen=True)
class Member:
    """One process: the `number`th of its kind of a service."""

    service: str
    kind: str
    number: int
    port: int

    @property
    def name(self) -> str:
        """Its name in the stack: the service's own for the first API."""
        if self.kind == "api" and self.number == 1:
            return self.service
        return f"{self.service}-{self.kind}-{self.number}"

    @property
    def part(self) -> str:
        """What is out of order without it: an API is a door of its own, others do one work."""
        return self.name if self.kind == "api" else f"{self.service} {self.kind}"

    @property
    def url(self) -> str:
        """Where it says whether it is ready."""
        return f"http://{HOST}:{self.port}"


class Fleet:
    """All processes of the services; each service's APIs answer behind one address."""

    def __init__(self, stack: Stack, addresses: dict[str, Proxy], outages: Outages) -> None:
        self.stack, self._addresses, self._outages = stack, addresses, outages
        self._alive_at = 0.0
        self.members = [
            Member(s, kind, 1, stack.ports.of(s) if kind == "api" else free_port())
            for s in SERVICES
            for kind in _kinds(s)
        ]
        self.gateway = Member(GATEWAY, "api", 1, stack.ports.gateway)

    def of(self, *kinds: str) -> list[Member]:
        """The members of these kinds, of whatever service."""
        return [member for member in self.members if member.kind in kinds]

    def process(self, member: Member) -> Process:
        """The process of a member, to signal or to look at."""
        return self.stack.process(member.name)

    def start_the_rest(self) -> None:
        """Start what `Stack.up` has not: everything but the APIs; return when it is ready."""
        self.start(*(member for member in self.members if member.kind != "api"))

    def start(self, *members: Member) -> None:
        """Start members that have ended; return when all are ready."""
        for member in members:
            if not self.process(member).running:
                self._launch(member)
        self._await(list(members))
        for member in members:
            self._outages.ended(member.part)

    def kill(self, member: Member) -> None:
        """End it without warning."""
        self._outages.began(member.part)
        self.process(member).kill()

    def ask_to_end(self, member: Member) -> None:
        """SIGTERM, and wait until it has ended."""
        self._outages.began(member.part)
        self.process(member).stop(grace_s=_GRACE_S)

    def pause(self, member: Member) -> None:
        """Let it stand still, with its connections open."""
        self._outages.began(member.part)
        self.process(member).send(signal.SIGSTOP)

    def let_on(self, member: Member) -> None:
        """Let a paused one go on as if nothing had happened."""
        self.process(member).send(signal.SIGCONT)
        self._outages.ended(member.part)

    def end_noticed(self, member: Member) -> None:
        """As a platform ends it: told so at once, and only later its address leads elsewhere."""
        if member.kind != "api":
            self.ask_to_end(member)
            return
        with ThreadPoolExecutor(1) as ending:
            ended = ending.submit(self.ask_to_end, member)
            time.sleep(_NOTICED_S)
            self.leave_address(member)
            ended.result()

    def taken_over(self, member: Member) -> None:
        """It has ended, and another of its kind does its work; a door is out until it is back."""
        if member.kind != "api":
            self._outages.ended(member.part)

    def add(self, service: str, kind: str) -> Member:
        """One more process of a kind, ready."""
        [member] = self.add_all(service, [kind])
        return member

    def add_all(self, service: str, kinds: Sequence[str]) -> list[Member]:
        """One more process of each kind, started together and ready."""
        added = []
        for kind in kinds:
            number = 1 + sum(m.service == service and m.kind == kind for m in self.members)
            added.append(Member(service, kind, number, free_port()))
        self.members += added
        self.start(*added)
        for member in added:
            if member.kind == "api":
                self.join_address(member)
        return added

    def remove_noticed(self, member: Member) -> None:
        """End an added process for good, as `end_noticed`."""
        self.members.remove(member)
        self.end_noticed(member)
        self._outages.ended(member.part)

    def remove(self, member: Member) -> None:
        """End the added process in order, for good."""
        if member.kind == "api":
            self.leave_address(member)
        self.members.remove(member)
        self.ask_to_end(member)
        self._outages.ended(member.part)

    def leave_address(self, member: Member) -> None:
        """New connections go to the other APIs of the service; nothing, if they did already."""
        if member.port in self._addresses[member.service].targets:
            self._addresses[member.service].targets.remove(member.port)

    def join_address(self, member: Member) -> None:
        """Requests reach this API, too."""
        self._addresses[member.service].targets.append(member.port)

    def revive(self) -> list[str]:
        """Start whoever has ended by itself, as a platform would; their names."""
        dead = [m for m in (*self.members, self.gateway) if not self.process(m).running]
        for member in dead:
            self._outages.began(member.part, since=self._alive_at)
        self.start(*dead)
        self._alive_at = self._outages.now()
        return [member.name for member in dead]

    def memory_bytes(self) -> dict[str, int]:
        """What each process holds in memory."""
        return dict(self._memory())

    def _memory(self) -> Iterator[tuple[str, int]]:
        for member in (*self.members, self.gateway):
            if pid := self.process(member).pid:
                yield member.name, int(psutil.Process(pid).memory_info().rss)

    def _launch(self, member: Member) -> None:
        self.stack.start_beside(member.name, member.service, member.kind, member.port)

    def _await(self, members: list[Member]) -> None:
        wait_until_ready(
            {self.process(member): member.url for member in members},
            timeout_s=_READY_TIMEOUT_S,
            on_ready=lambda _: None,
        )


def _kinds(service: str) -> list[str]:
    """The processes of a service: those that all have, and its own."""
    manifest: Service = import_module(f"florin_{service}.service").service
    return [*_KINDS, *manifest.parts]
