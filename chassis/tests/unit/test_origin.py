"""Where a request came from, out of what the gateway says and what the socket does."""

import pytest
from starlette.requests import Request

from florin_chassis.origin import AGENT_LENGTH_MAX, Origin, origin_of


def asked(client: str | None = "10.0.0.1", **headers: str) -> Origin:
    scope = {
        "type": "http",
        "client": (client, 1) if client else None,
        "headers": [(n.replace("_", "-").encode(), v.encode()) for n, v in headers.items()],
    }
    return origin_of(Request(scope))


def test_the_gateways_word_counts_and_without_it_the_neighbours_address() -> None:
    assert asked(x_forwarded_for="192.0.2.7").address == "192.0.2.7"
    assert asked().address == "10.0.0.1"
    assert asked(None).address is None


def test_an_address_has_one_form_only() -> None:
    assert asked(x_forwarded_for="::ffff:192.0.2.7").address == "192.0.2.7"
    assert asked(x_forwarded_for="2001:DB8:0::7").address == "2001:db8::7"


@pytest.mark.parametrize("said", ["", "unknown", "192.0.2.7, 10.0.0.1", "1.2.3", "x" * 9_000])
def test_what_is_no_address_is_none(said: str) -> None:
    assert asked(x_forwarded_for=said).address is None


def test_what_a_program_calls_itself_is_bounded() -> None:
    agent = asked(user_agent="x" * 9_000).agent
    assert agent is not None
    assert len(agent) == AGENT_LENGTH_MAX
