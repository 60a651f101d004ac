"""One HTTP request to somebody outside, bounded in time and in what is read of the answer."""

import asyncio
import ssl
from collections.abc import Mapping
from types import TracebackType
from typing import Final, NamedTuple, Self, TypeAlias

import httpcore

from florin_chassis.outside.addresses import AddressRules
from florin_chassis.outside.network import OutsideNetwork

Headers: TypeAlias = Mapping[bytes | str, bytes | str]

RESPONSE_BYTES_KEPT: Final = 2_048
_KEPT_ALIVE_S: Final = 5.0


class Patience(NamedTuple):
    """Seconds to wait for a connection, and from resolving the name to the whole answer."""

    connect_s: float
    whole_s: float


class Answered(NamedTuple):
    """What came back; names of headers are in lower case, the body is only its beginning."""

    status: int
    headers: Mapping[bytes, bytes]
    beginning: bytes


class OutsideClient:
    """The client of a process. It follows no redirect and knows of no proxy."""

    def __init__(
        self, rules: AddressRules, at_once_max: int, tls: ssl.SSLContext | None = None
    ) -> None:
        self._rules, self._network = rules, OutsideNetwork(rules)
        self._pool = httpcore.AsyncConnectionPool(
            ssl_context=tls,
            max_connections=at_once_max,
            keepalive_expiry=_KEPT_ALIVE_S,
            network_backend=self._network,
        )

    async def __aenter__(self) -> Self:
        """Itself."""
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close every connection."""
        await self._pool.aclose()
        self._network.close()

    async def post(self, url: str, headers: Headers, body: bytes, patience: Patience) -> Answered:
        """Raises `Malformed` and `ForbiddenAddress` where nothing may be sent.

        Raises `TimeoutError`, and what `httpcore` does when there is no answer.
        """
        self._rules.require_url(url)  # the rules may be stricter than they were
        whole_s = patience.whole_s
        connect_s = min(patience.connect_s, whole_s)
        limits = {"connect": connect_s, "read": whole_s, "write": whole_s, "pool": whole_s}
        try:
            async with asyncio.timeout(whole_s):
                return await self._post(url, headers, body, limits)
        except httpcore.TimeoutException as error:
            raise TimeoutError from error

    async def _post(
        self, url: str, headers: Headers, body: bytes, limits: Mapping[str, float]
    ) -> Answered:
        sent = {**headers, "accept-encoding": "identity"}
        asking = self._pool.stream(
            "POST", url, headers=sent, content=body, extensions={"timeout": dict(limits)}
        )
        async with asking as answer:
            kept = bytearray()
            async for chunk in answer.aiter_stream():
                kept += chunk
                if len(kept) >= RESPONSE_BYTES_KEPT:
                    break
            told = {name.lower(): value for name, value in answer.headers}
            return Answered(answer.status, told, bytes(kept[:RESPONSE_BYTES_KEPT]))
