"""Guesses passwords at the gateway, from as many addresses of this machine as one likes."""

import asyncio
import json
import socket
import time
from collections.abc import Iterable
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass
from random import Random
from typing import Any, Self

import httpx
from tests.faults.guesses import Guess, Purpose
from tests.faults.history import History

HOME = "127.0.0.1"
_TIMEOUT_S = 30
_TOLD_APART = frozenset({"request_id", "instance", "retry_after_s", "retry_after"})
"""What says nothing of the login: a name for the request, and how long a lock lasts yet."""


@dataclass(frozen=True)
class Target:
    """A login, with the password that it has, if there is such a login."""

    email: str
    password: str = ""

    @property
    def exists(self) -> bool:
        """Whether somebody could sign in with it."""
        return bool(self.password)


class Guesser:
    """Writes all that it tries into the history."""

    def __init__(self, url: str, history: History, rng: Random) -> None:
        self._url, self._history, self._rng = url, history, rng
        self._clients: dict[str, httpx.AsyncClient] = {}
        self._open = AsyncExitStack()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._open.aclose()

    def address(self) -> str:
        """One of this machine's, from which nothing was tried before."""
        parts = (self._rng.randint(1, 254) for _ in range(3))
        return "127." + ".".join(map(str, parts))

    async def wrong(self, target: Target, address: str, purpose: Purpose = Purpose.ATTACK) -> Guess:
        """A password that is not the target's."""
        return await self._try(target, address, purpose, f"no {self._rng.getrandbits(64)}")

    async def right(self, target: Target, address: str, purpose: Purpose = Purpose.ATTACK) -> Guess:
        """The target's own."""
        return await self._try(target, address, purpose, target.password)

    async def warm(self, address: str) -> None:
        """A connection, so that none has to be made when it counts."""
        with suppress(httpx.TransportError):
            await (await self._client(address)).get("/livez")

    async def _try(self, target: Target, address: str, purpose: Purpose, password: str) -> Guess:
        http = await self._client(address)
        body = {"email": target.email, "password": password}
        answer: httpx.Response | None = None
        started, began = self._history.now(), time.perf_counter()
        with suppress(httpx.TransportError):
            answer = await http.post("/sessions", json=body)
        guess = Guess(
            login=target.email,
            address=address,
            purpose=purpose,
            exists=target.exists,
            right=target.exists and password == target.password,
            started=started,
            ended=started + time.perf_counter() - began,
            status=None if answer is None else answer.status_code,
            quota="" if answer is None else _quota_of(answer),
            answer="" if answer is None else _told(answer),
        )
        self._history.guesses.append(guess)
        return guess

    async def _client(self, address: str) -> httpx.AsyncClient:
        if address not in self._clients:
            transport = httpx.AsyncHTTPTransport(local_address=address, verify=False)
            client = httpx.AsyncClient(
                base_url=self._url, timeout=_TIMEOUT_S, trust_env=False, transport=transport
            )
            self._clients[address] = await self._open.enter_async_context(client)
        return self._clients[address]


def has_many_addresses() -> bool:
    """Whether this machine lets one ask from any address of its own loopback network."""
    with socket.socket() as probe, suppress(OSError):
        probe.bind(("127.99.99.99", 0))
        return True
    return False


async def some_at_once(guesses: Iterable[Any], at_once: int) -> None:
    """All of them, so many at a time."""
    free = asyncio.Semaphore(at_once)

    async def one(guess: Any) -> None:
        async with free:
            await guess

    await asyncio.gather(*(one(guess) for guess in guesses))


def _quota_of(answer: httpx.Response) -> str:
    """The limit that an answer of 429 names: `"sign-in-address";q=100;w=900`."""
    if answer.status_code != httpx.codes.TOO_MANY_REQUESTS:
        return ""
    return str(answer.headers.get("RateLimit-Policy", "")).partition(";")[0].strip('"')


def _told(answer: httpx.Response) -> str:
    """What a refusal says that could differ by login: its body, and which headers there are."""
    if answer.is_success:
        return ""
    try:
        body = answer.json()
    except ValueError:
        return answer.text
    said = {name: value for name, value in body.items() if name not in _TOLD_APART}
    return json.dumps(said | {"headers": sorted(answer.headers)}, sort_keys=True)
