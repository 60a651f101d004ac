"""Asks the gateway and writes the history: one request, or one write until it is answered."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from random import Random
from typing import Any
from uuid import UUID

import httpx
from tests.faults.history import Attempt, History, Outcome

Json = dict[str, Any]

POSITION, STALE = "Florin-Position", "Florin-Stale"

_REQUEST_TIMEOUT_S = 15
_TIMES_AT_ONCE = 20
_FIRST_ERROR, _FIRST_FAULT = 400, 500
_UNAVAILABLE = 503
_PAUSE_S = (0.1, 0.6)


class GivenUp(Exception):
    """A write that was not answered in time, or refused: whoever needs it starts anew."""


@dataclass(frozen=True)
class Answer:
    """A success: its body, and the position that a read behind it has to follow."""

    body: Any
    position: str


@dataclass(frozen=True)
class Write:
    """A request that changes something, in the name of whoever's token it is.

    `client` is the tenant that the token belongs to, `after` the position that it follows; `times`
    is how often it is sent at once; `patience_s` is how long it is tried again under its key.
    """

    kind: str
    path: str
    body: Json
    token: str = ""
    client: str = ""
    after: str = ""
    times: int = 1
    patience_s: float = 60.0


@dataclass(frozen=True)
class Read:
    """A request that changes nothing; `knows` says of a body whether it knows of the write before.

    `client` and `after` are those of `Write`.
    """

    path: str
    token: str
    client: str = ""
    after: str = ""
    knows: Callable[[Any], bool] | None = None


@dataclass
class Asking:
    """The load's way to the gateway. `fault` is what is being done to the system just now."""

    http: httpx.AsyncClient
    history: History
    rng: Random
    fault: str = "none"
    started: float = field(default_factory=time.monotonic)

    @classmethod
    def at(cls, url: str, rng: Random) -> "Asking":
        """Ask the gateway at this URL."""
        http = httpx.AsyncClient(
            base_url=url,
            timeout=_REQUEST_TIMEOUT_S,
            trust_env=False,
            limits=httpx.Limits(max_connections=100),
        )
        return cls(http, History(), rng)

    def now(self) -> float:
        """Seconds since the beginning."""
        return time.monotonic() - self.started

    def new_id(self) -> str:
        """A random id that the seed repeats."""
        return str(UUID(int=self.rng.getrandbits(128), version=4))

    async def write(self, write: Write) -> Answer:
        """The answer of success, asked for again and again under one key.

        Raises `GivenUp` when it is refused, or not answered in time.
        """
        key = self.new_id()
        deadline = self.now() + write.patience_s
        while True:
            attempts = await asyncio.gather(*(self._once(write, key) for _ in range(write.times)))
            answers = [answer for attempt, answer in attempts if attempt.outcome is Outcome.OK]
            if answers:
                return answers[0]
            refusals = [a for a, _ in attempts if a.outcome is Outcome.REFUSED]
            if self.now() > deadline or any(not refusal.stale for refusal in refusals):
                raise GivenUp(write.kind)
            if refusals:
                key = self.new_id()  # refused too early, which is kept: asked as a new request
            await asyncio.sleep(self.rng.uniform(*_PAUSE_S))

    async def write_at_once(self, write: Write) -> Answer:
        """The same, sent twenty times at the same moment."""
        return await self.write(replace(write, times=_TIMES_AT_ONCE))

    async def write_once(self, write: Write) -> Answer:
        """The same without patience: what is not answered at once is never known."""
        return await self.write(replace(write, patience_s=0))

    async def _once(self, write: Write, key: str) -> tuple[Attempt, Answer]:
        headers = {"Idempotency-Key": key} | _headers(write.token, write.after)
        started, fault = self.now(), self.fault
        response = await self._send("POST", write.path, headers, write.body)
        body = _body_of(response)
        attempt = Attempt(
            key=key,
            kind=write.kind,
            started=started,
            ended=self.now(),
            outcome=outcome_of(response, body),
            status=None if response is None else response.status_code,
            body=body,
            fault=fault,
            client=write.client,
            stale=_is_stale(response),
        )
        self.history.record(attempt)
        position = "" if response is None else response.headers.get(POSITION, "")
        return attempt, Answer(body, position)

    async def read(self, read: Read) -> Any:
        """The body of the answer, `None` when it is none of success."""
        started, fault = self.now(), self.fault
        response = await self._send("GET", read.path, _headers(read.token, read.after), None)
        body = _body_of(response)
        good = response is not None and response.is_success
        self.history.record(
            Attempt(
                key="",
                kind=f"read {read.path.partition('?')[0].split('/')[1]}",
                started=started,
                ended=self.now(),
                outcome=outcome_of(response, body),
                status=None if response is None else response.status_code,
                body=body,
                fault=fault,
                client=read.client,
                stale=_is_stale(response),
                holds=(good and read.knows(body)) if read.knows else None,
            )
        )
        return body if good else None

    async def sign_in(self, email: str, password: str, position: str = "") -> Json:
        """A session. It is kept under no key, so it is no part of what is checked."""
        credentials = {"email": email, "password": password}
        while True:
            response = await self._send("POST", "/sessions", _headers("", position), credentials)
            if response is not None and response.is_success:
                session: Json = response.json()
                return session
            await asyncio.sleep(self.rng.uniform(*_PAUSE_S))

    async def _send(
        self, method: str, path: str, headers: dict[str, str], body: Json | None
    ) -> httpx.Response | None:
        try:
            return await self.http.request(method, path, headers=headers, json=body)
        except httpx.TransportError:
            return None


def outcome_of(response: httpx.Response | None, body: Any) -> Outcome:
    """What an answer says of its request."""
    if response is None:
        return Outcome.UNKNOWN
    if response.status_code < _FIRST_ERROR:
        return Outcome.OK
    if response.status_code < _FIRST_FAULT:
        return Outcome.NOT_NOW if "Retry-After" in response.headers else Outcome.REFUSED
    unavailable = response.status_code == _UNAVAILABLE and isinstance(body, dict)
    not_sent = unavailable and "service" in body and "outcome" not in body
    return Outcome.NOT_NOW if not_sent else Outcome.UNKNOWN


def _is_stale(response: httpx.Response | None) -> bool:
    return response is not None and STALE in response.headers


def _headers(token: str, position: str) -> dict[str, str]:
    bearer = {"Authorization": f"Bearer {token}"} if token else {}
    return bearer | ({POSITION: position} if position else {})


def _body_of(response: httpx.Response | None) -> Any:
    if response is None:
        return None
    try:
        return response.json()
    except ValueError:
        return response.text
