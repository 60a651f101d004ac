"""Where a token is believed or refused: every service itself, and the gateway."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TypeAlias

import httpx
from tests.e2e.answers import read

from florin_local.demo.checks import expect
from florin_local.ports import HOST
from florin_local.settings import GATEWAY
from florin_local.stack import Stack

Doors: TypeAlias = dict[str, httpx.Client]
EVERYWHERE = {
    GATEWAY: "/me",
    "identity": "/me",
    "providers": "/products",
    "clients": "/orders",
    "payers": "/accounts",
}


@contextmanager
def open_doors(stack: Stack) -> Iterator[Doors]:
    """A way to ask each of them."""
    urls = {name: f"http://{HOST}:{stack.ports.of(name)}" for name in EVERYWHERE}
    doors = {n: httpx.Client(base_url=u, timeout=20, trust_env=False) for n, u in urls.items()}
    yield doors
    for door in doors.values():
        door.close()


def statuses(doors: Doors, token: str) -> dict[str, int]:
    """What each answers to this token."""
    return {name: read(doors[name], token, path).status_code for name, path in EVERYWHERE.items()}


def answered_everywhere(doors: Doors, token: str, status: int) -> None:
    """Raises `DoesNotHold` unless all answer with this status."""
    expect("what each answers", statuses(doors, token), dict.fromkeys(EVERYWHERE, status))
