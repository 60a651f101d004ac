"""People of their own for attacks: what locks one out shall lock out nobody of the story."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import httpx
import pytest
from tests.e2e.people import Newcomer, registered

from florin_local.demo.tale import Tale
from florin_local.stack import Stack

From = Callable[[str], httpx.Client]
"""The gateway as it is asked from an address of this machine's own: 127.0.0.0/8 is all ours."""


@pytest.fixture
def asked_from(stack: Stack) -> Iterator[From]:
    with ExitStack() as clients:

        def client(address: str) -> httpx.Client:
            transport = httpx.HTTPTransport(local_address=address)
            return clients.enter_context(
                httpx.Client(base_url=stack.gateway_url, transport=transport, timeout=30)
            )

        yield client


@pytest.fixture(scope="module")
def victim(tale: Tale, request: pytest.FixtureRequest) -> Newcomer:
    """A client whom only the tests of one module attack."""
    return registered(tale, "victim-" + request.module.__name__.rpartition("_")[2])
