"""Connects to addresses outside and to no others: the name is resolved here, once, and checked."""

import asyncio
import socket
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final

import httpcore

from florin_chassis.outside.addresses import AddressRules

_RESOLVERS: Final = 32


class ForbiddenAddress(Exception):
    """The name leads, or leads too, to an address that is none outside."""


class OutsideNetwork(httpcore.AsyncNetworkBackend):
    """What an HTTP client connects through.

    The connection goes to the very address that was checked, so that a name which resolves
    differently a moment later gains nothing; TLS and `Host` still use the name.
    """

    def __init__(self, rules: AddressRules) -> None:
        self._rules = rules
        self._network = httpcore.AnyIOBackend()
        self._resolvers = ThreadPoolExecutor(_RESOLVERS, thread_name_prefix="outside-names")

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 - httpcore's signature
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """Raises `ForbiddenAddress`, and `httpcore.ConnectError` when no address answers."""
        fault: Exception | None = None
        for address in await self._addresses(host, port):
            try:
                return await self._network.connect_tcp(
                    address, port, timeout, local_address, socket_options
                )
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                fault = error
        raise fault or httpcore.ConnectError(f"{host} has no address")

    async def _addresses(self, host: str, port: int) -> list[str]:
        """Every address of the name, provided that each of them is one outside."""
        loop = asyncio.get_running_loop()
        try:
            found = await loop.run_in_executor(self._resolvers, _resolve, host, port)
        except (OSError, UnicodeError) as error:
            raise httpcore.ConnectError(f"{host} cannot be resolved") from error
        if not self._rules.allow_all(found):
            raise ForbiddenAddress(f"{host} is not reachable from outside")
        return found

    def close(self) -> None:
        """Give the threads back; a look-up that hangs is left to its own end."""
        self._resolvers.shutdown(wait=False, cancel_futures=True)


def _resolve(host: str, port: int) -> list[str]:
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(sockaddr[0]) for *_, sockaddr in found))
