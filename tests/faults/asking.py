"""Asks the gateway and writes the history: one request, or one write until it is answered."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, replace
from random import Random
from typing import Any, NamedTuple, Protocol
from uuid import UUID

import httpx
from tests.faults.history import Attempt, History, Outcome

Json = dict[str, Any]

POSITION, STALE = "Florin-Position", "Florin-Stale"

_REQUEST_TIMEOUT_S = 15
_TIMES_AT_ONCE = 20
_FIRST_ERROR, _FIRST_FAULT = 400, 500
_UNAUTHENTICATED = 401
_SIGNED_OUT = frozenset({204, _UNAUTHENTICATED})
_UNAVAILABLE = 503
_PAUSE_S = (0.1, 0.6)


class GivenUp(Exception):
    """A write that was not answered in time, or refused: whoever needs it starts anew."""


@dataclass(frozen=True)
class Answer:
    """A success: its body, and the position that a read behind it has to follow."""

    body: Any
    position: str


class Credentials(NamedTuple):
    """What came of asking for a session: its body, or nothing; and whether that is a final no."""

    body: Json
    is_refused: bool


class Who(Protocol):
    """In whose name something is asked."""

    async def token(self, position: str = "") -> str:
        """A token that is good, issued by who knows of this position."""

    def refused(self, token: str) -> None:
        """It was not, after all."""


@dataclass(frozen=True)
class Write:
    """A request that changes something, in somebody's name or nobody's.

    `client` is the tenant of whoever asks, `after` the position that it follows; `times` is how
    often it is sent at once; `patience_s` is how long it is tried again under its key.
    """

    kind: str
    path: str
    body: Json
    who: Who | None = None
    client: str = ""
    after: str = ""
    times: int = 1
    patience_s: float = 60.0
    method: str = "POST"


@dataclass(frozen=True)
class Read:
    """A request that changes nothing; `knows` says of a body whether it knows of the write before.

    `client` and `after` are those of `Write`.
    """

    path: str
    who: Who
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

    @classmethod
    def at(cls, url: str, rng: Random, history: History) -> "Asking":
        """Ask the gateway at this URL."""
        http = httpx.AsyncClient(
            base_url=url,
            timeout=_REQUEST_TIMEOUT_S,
            trust_env=False,
            limits=httpx.Limits(max_connections=100),
        )
        return cls(http, history, rng)

    def now(self) -> float:
        """Seconds since the beginning."""
        return self.history.now()

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
            await self.pause()

    async def write_at_once(self, write: Write) -> Answer:
        """The same, sent twenty times at the same moment."""
        return await self.write(replace(write, times=_TIMES_AT_ONCE))

    async def write_once(self, write: Write) -> Answer:
        """The same without patience: what is not answered at once is never known."""
        return await self.write(replace(write, patience_s=0))

    async def _once(self, write: Write, key: str) -> tuple[Attempt, Answer]:
        token = await write.who.token(write.after) if write.who else ""
        headers = {"Idempotency-Key": key} | _headers(token, write.after)
        started, fault = self.now(), self.fault
        response = await self._send(write.method, write.path, headers, write.body)
        _tell(write.who, token, response)
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
        token = await read.who.token(read.after)
        started, fault = self.now(), self.fault
        response = await self._send("GET", read.path, _headers(token, read.after), None)
        _tell(read.who, token, response)
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

    async def credentials(self, path: str, body: Json, position: str = "") -> Credentials:
        """Ask for a session once. It is kept under no key, so it is no write of the history."""
        response = await self._send("POST", path, _headers("", position), body)
        if response is None or response.status_code >= _FIRST_ERROR:
            refused = response is not None and response.status_code == _UNAUTHENTICATED
            return Credentials({}, refused)
        return Credentials(response.json(), is_refused=False)

    async def sign_out(self, token: str) -> None:
        """End the session of this token, however often it has to be asked."""
        while True:
            response = await self._send("DELETE", "/sessions/current", _headers(token, ""), None)
            if response is not None and response.status_code in _SIGNED_OUT:
                return
            await self.pause()

    async def rights(self, token: str) -> int:
        """How many permissions a token holds; none, if that is not told now."""
        response = await self._send("GET", "/me", _headers(token, ""), None)
        told = response is not None and response.is_success
        return len(_body_of(response)["permissions"]) if told else 0

    async def pause(self) -> float:
        """A moment before the next try; when that is."""
        await asyncio.sleep(self.rng.uniform(*_PAUSE_S))
        return self.now()

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
        again = "Retry-After" in response.headers or response.status_code == _UNAUTHENTICATED
        return Outcome.NOT_NOW if again else Outcome.REFUSED
    unavailable = response.status_code == _UNAVAILABLE and isinstance(body, dict)
    not_sent = unavailable and "service" in body and "outcome" not in body
    return Outcome.NOT_NOW if not_sent else Outcome.UNKNOWN


def _tell(who: Who | None, token: str, response: httpx.Response | None) -> None:
    if who and response is not None and response.status_code == _UNAUTHENTICATED:
        who.refused(token)


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
