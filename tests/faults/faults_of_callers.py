"""Faults of those who ask: they guess passwords, or ask the same many times at once."""

import asyncio
from collections.abc import Awaitable, Iterator
from contextlib import contextmanager
from random import Random

from tests.faults.asking import Asking, GivenUp, Write
from tests.faults.fault import Fault
from tests.faults.fleet import Member
from tests.faults.guesses import Guess, Purpose
from tests.faults.guessing import HOME, Guesser, Target, has_many_addresses, some_at_once

_PASSWORD = "long enough for a policy"
_TARGETS, _PAIRS, _PAIRS_PER_ADDRESS = 4, 60, 6
_OF_A_PAIR, _OF_ONE = 10, 100
_TOO_MANY = 8
_AT_ONCE, _KEYS_AT_ONCE = 6, 8


class _TwoReplicas(Fault):
    """Identity has two APIs while it strikes, of which one may die."""

    @contextmanager
    def two_replicas(self) -> Iterator[None]:
        """As long as the block lasts; whichever died has been started again."""
        second = self.arena.fleet.add("identity", "api")
        try:
            yield
        finally:
            self.arena.fleet.start(second)
            self.arena.fleet.remove(second)

    def kill_a_replica(self, rng: Random) -> None:
        """Either; it comes back a moment later."""
        fleet = self.arena.fleet
        replicas: list[Member] = [m for m in fleet.of("api") if m.service == "identity"]
        victim = rng.choice(replicas)
        self.arena.say(f"{self.name}: SIGKILL {victim.name}")
        fleet.kill(victim)
        fleet.start(victim)

    def asking(self, rng: Random) -> Asking:
        """A way to the gateway of its own, into the same history."""
        asking = Asking.at(self.arena.stack.gateway_url, rng, self.arena.history)
        asking.fault = self.name
        return asking

    def registration(self, email: str) -> Write:
        """Of a client of any provider."""
        body = {"name": "Caller", "email": email, "password": _PASSWORD}
        place = {"provider_id": self.arena.witness.a_provider(), "country": "RU"}
        return Write("register", "/registrations", body | place)


class SameKeyStorm(_TwoReplicas):
    """Twenty times at once the same under one key, of many keys; a replica is killed."""

    name = "same-key-storm"
    pause_s = (1.0, 3.0)

    def strike(self) -> None:
        """Registrations: costly ones, with effects in two services."""
        with self.two_replicas():
            asyncio.run(self._storm(Random(self.rng.random())))  # noqa: S311 - repeatable

    async def _storm(self, rng: Random) -> None:
        asking = self.asking(rng)
        self.arena.say(f"same-key-storm: {_KEYS_AT_ONCE} keys, twenty times at once each")
        emails = [f"{asking.new_id()}@example.com" for _ in range(_KEYS_AT_ONCE)]
        storm = [asking.write_at_once(self.registration(email)) for email in emails]
        killing = asyncio.to_thread(self._kill_soon, rng)
        for outcome in await asyncio.gather(*storm, killing, return_exceptions=True):
            if isinstance(outcome, BaseException) and not isinstance(outcome, GivenUp):
                raise outcome
        await asking.http.aclose()

    def _kill_soon(self, rng: Random) -> None:
        self.stay(0.1, 1.0)
        self.kill_a_replica(rng)


class BruteForce(_TwoReplicas):
    """Passwords are guessed: one or many addresses, one or many logins; a replica is killed."""

    name = "brute-force"
    pause_s = (1.0, 3.0)

    def not_applicable(self) -> str | None:
        """Whoever cannot have many addresses is one attacker only."""
        return None if has_many_addresses() else "127.0.0.0/8 is not all of this machine's"

    def strike(self) -> None:
        """With two replicas of identity, of which one dies in the midst of it."""
        with self.two_replicas():
            asyncio.run(self._attack())

    async def _attack(self) -> None:
        arena, rng = self.arena, Random(self.rng.random())  # noqa: S311 - chance that can be repeated
        targets = await self._targets(rng)
        async with Guesser(arena.stack.gateway_url, arena.history, rng) as guesser:
            for target in targets:
                await guesser.right(target, HOME, Purpose.HOME)
            await self._compare_times(guesser, targets[0], rng)
            arena.say("brute-force: four attacks at once")
            attacks = asyncio.create_task(some_at_once(_attacks(guesser, targets, rng), _AT_ONCE))
            killing = asyncio.create_task(asyncio.to_thread(self._kill_in_the_midst, rng))
            while not attacks.done():
                await guesser.right(rng.choice(targets), HOME, Purpose.HOME)
                await asyncio.sleep(rng.uniform(0.1, 0.5))
            await attacks
            await killing
            await self._behind_the_lock(guesser, targets[1])

    async def _targets(self, rng: Random) -> list[Target]:
        """People with logins, who have signed in from home."""
        asking = self.asking(rng)
        targets = [Target(f"{asking.new_id()}@example.com", _PASSWORD) for _ in range(_TARGETS)]
        for target in targets:
            await asking.write(self.registration(target.email))
        await asking.http.aclose()
        return targets

    async def _compare_times(self, guesser: Guesser, known: Target, rng: Random) -> None:
        """Refusals of a login that is there and of one that is not, by turns, one at a time."""
        self.arena.say(f"brute-force: {_PAIRS} refusals of a known and an unknown login each")
        unknown = Target(known.email.replace("@", "x@"))
        for number in range(_PAIRS):
            if number % _PAIRS_PER_ADDRESS == 0:
                address = guesser.address()
                await guesser.warm(address)
            for target in rng.sample([known, unknown], 2):
                await guesser.wrong(target, address, Purpose.TIMING)

    def _kill_in_the_midst(self, rng: Random) -> None:
        before = len(self.arena.history.guesses)
        while len(self.arena.history.guesses) < before + _OF_ONE:
            self.stay(0.05, 0.05)
        self.kill_a_replica(rng)

    async def _behind_the_lock(self, guesser: Guesser, target: Target) -> None:
        """The right password of a login that is locked, from where nobody knows it."""
        refused = await guesser.right(target, guesser.address())
        self.arena.say(f"brute-force: the right password behind the lock got {refused.status}")


def _attacks(guesser: Guesser, targets: list[Target], rng: Random) -> list[Awaitable[Guess]]:
    """Mixed: a login from an address, a login from many, many from an address, many from many."""
    pair, one, _, other = targets
    here, there = guesser.address(), guesser.address()
    from_many = [guesser.address() for _ in range((_OF_ONE + _TOO_MANY) // (_OF_A_PAIR - 1) + 1)]
    attacks: list[Awaitable[Guess]] = [
        guesser.wrong(other, here) for _ in range(_OF_A_PAIR + _TOO_MANY)
    ]
    attacks += [
        guesser.wrong(one, from_many[number // (_OF_A_PAIR - 1)])
        for number in range(_OF_ONE + _TOO_MANY)
    ]
    nobodies = [Target(f"{number}.{one.email}") for number in range(_OF_ONE + _TOO_MANY - 1)]
    attacks += [guesser.wrong(target, there) for target in [pair, *nobodies]]
    attacks += [guesser.wrong(target, guesser.address()) for target in nobodies[:_OF_A_PAIR]]
    rng.shuffle(attacks)
    return attacks
