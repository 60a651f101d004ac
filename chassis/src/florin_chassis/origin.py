"""Where a request came from: for the security log, lockouts and lists of allowed addresses."""

from dataclasses import dataclass
from typing import Final

from starlette.requests import Request

AGENT_LENGTH_MAX: Final = 300


@dataclass(frozen=True, slots=True)
class Origin:
    """The caller's address as the gateway vouches for it, and what its program calls itself."""

    address: str | None = None
    agent: str | None = None


def origin_of(request: Request) -> Origin:
    """The gateway says `X-Forwarded-For` anew; a caller of the service itself is its neighbour."""
    address = request.headers.get("x-forwarded-for")
    if address is None and request.client is not None:
        address = request.client.host
    agent = request.headers.get("user-agent")
    return Origin(address, agent and agent[:AGENT_LENGTH_MAX])
