"""API keys at the door: exchanged at identity for tokens, which alone go on to the services."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from urllib.parse import parse_qs

import httpx
import pytest
from gateway.tests.world import (
    Asked,
    Gateway,
    Respond,
    Services,
    answering,
    closed_port_url,
    running_gateway,
    served,
    settings_of,
    waiting,
)

from florin_chassis.ids import new_id
from florin_chassis.revocations import Revocations
from florin_chassis.testing.tokens import AUDIENCE, ISSUER, Issuer
from florin_chassis.tokens import TokenVerifier
from florin_contracts.api_keys import checksum
from florin_gateway import api_keys
from florin_gateway.api_keys import GRANT
from florin_gateway.app import build
from florin_gateway.upstream import upstreams

pytestmark = pytest.mark.asyncio(loop_scope="session")

TOKEN_PATH = "/identity/oauth2/token"


def key(number: int = 0) -> str:
    body = f"florin_Vega{number:08d}_{'k' * 43}"
    return body + checksum(body)


def granting(token: str, expires_in: int = 300) -> Respond:
    return answering({"access_token": token, "token_type": "Bearer", "expires_in": expires_in})


REFUSING = answering({"error": "invalid_grant"}, 400)


@pytest.fixture
def fresh(gate: Gateway, services: Services) -> Gateway:
    """A gateway that is granted tokens; each test has keys of its own."""
    services.answers[TOKEN_PATH] = granting(gate.issuer.token())
    return gate


numbers = iter(range(10_000))


@pytest.fixture
def mine() -> str:
    return key(next(numbers))


async def ask(gate: Gateway, api_key: str, path: str = "/clients") -> httpx.Response:
    return await gate.http.get(path, headers={"Authorization": f"Bearer {api_key}"})


def exchanges(services: Services) -> list[Asked]:
    return [asked for asked in services.asked if asked.path == TOKEN_PATH]


async def test_a_service_gets_a_token_and_never_the_key(
    fresh: Gateway, services: Services, mine: str
) -> None:
    token = fresh.issuer.token(("clients:read",))
    services.answers[TOKEN_PATH] = granting(token)
    answer = await fresh.http.get(
        "/clients",
        headers={"Authorization": f"Bearer {mine}", "User-Agent": "crm/1", "Cookie": "secret"},
    )
    assert answer.status_code == 200
    exchange, passed_on = services.asked
    assert parse_qs(exchange.body.decode()) == {"grant_type": [GRANT], "api_key": [mine]}
    assert exchange.header("User-Agent") == "crm/1"
    assert exchange.header("X-Forwarded-For") == "127.0.0.1"
    assert (exchange.header("Authorization"), exchange.header("Cookie")) == (None, None)
    assert passed_on.header("Authorization") == f"Bearer {token}"
    assert mine not in str(passed_on)


async def test_identity_is_asked_once_while_the_token_lasts(
    fresh: Gateway, services: Services, mine: str
) -> None:
    for _ in range(5):
        assert (await ask(fresh, mine)).status_code == 200
    assert len(exchanges(services)) == 1


async def test_a_hundred_callers_with_one_new_key_ask_identity_once(
    fresh: Gateway, services: Services, mine: str
) -> None:
    go = asyncio.Event()
    services.answers[TOKEN_PATH] = waiting(go, granting(fresh.issuer.token()))
    callers = [asyncio.ensure_future(ask(fresh, mine)) for _ in range(100)]
    await services.arrived.wait()
    callers[0].cancel()  # who asked first leaves: the others get their answer none the less
    go.set()
    answers = await asyncio.gather(*callers[1:])
    assert {answer.status_code for answer in answers} == {200}
    assert len(exchanges(services)) == 1


async def test_what_is_granted_to_one_address_is_not_lent_to_another(
    fresh: Gateway, services: Services, mine: str
) -> None:
    assert (await ask(fresh, mine)).status_code == 200
    services.answers[TOKEN_PATH] = REFUSING
    elsewhere = httpx.AsyncHTTPTransport(local_address="127.0.0.2")
    async with httpx.AsyncClient(base_url=fresh.http.base_url, transport=elsewhere) as http:
        answer = await http.get("/clients", headers={"Authorization": f"Bearer {mine}"})
    assert answer.status_code == 401
    assert (await ask(fresh, mine)).status_code == 200
    asked_from = [asked.header("X-Forwarded-For") for asked in exchanges(services)]
    assert asked_from == ["127.0.0.1", "127.0.0.2"]


async def test_a_token_that_ends_is_got_anew(fresh: Gateway, services: Services, mine: str) -> None:
    services.answers[TOKEN_PATH] = granting(fresh.issuer.token(), expires_in=0)
    for _ in range(3):
        assert (await ask(fresh, mine)).status_code == 200
    assert len(exchanges(services)) == 3


async def test_a_refused_key_is_401_and_identity_is_left_alone_for_a_while(
    fresh: Gateway, services: Services, mine: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    services.answers[TOKEN_PATH] = REFUSING
    for _ in range(20):
        answer = await ask(fresh, mine)
        assert (answer.status_code, answer.json()["code"]) == (401, "unauthenticated")
    assert len(exchanges(services)) == 1
    monkeypatch.setattr(api_keys, "REFUSED_S", -1.0)
    other = key(9_001)
    for _ in range(2):
        assert (await ask(fresh, other)).status_code == 401
    assert len(exchanges(services)) == 3
    assert {asked.path for asked in services.asked} == {TOKEN_PATH}


@pytest.mark.parametrize(
    "spoil",
    [
        lambda k: k[:-1],
        lambda k: k + "a",
        lambda k: k.replace("k", "K", 1),
        lambda _: "florin_",
        lambda _: "florin_" + "x" * 5_000,
        lambda k: k.upper().replace("FLORIN", "florin"),
    ],
)
async def test_what_is_no_key_is_refused_without_asking_anyone(
    fresh: Gateway, services: Services, mine: str, spoil: Callable[[str], str]
) -> None:
    assert (await ask(fresh, spoil(mine))).status_code == 401
    assert services.asked == []


async def test_a_token_refused_since_is_replaced_once_by_what_is_so_now(
    services: Services, mine: str
) -> None:
    """The owner lost a right: the key goes on with less. It was revoked: it is refused."""
    owner, key_id = new_id(), new_id()
    async with watching_gateway(services) as (gate, revocations):
        services.answers[TOKEN_PATH] = granting(
            gate.issuer.token(ver=1, sub=str(owner), sid=str(key_id))
        )
        assert (await ask(gate, mine)).status_code == 200
        revocations.add(owner, 2)
        less = gate.issuer.token(ver=2, sub=str(owner), sid=str(key_id))
        services.answers[TOKEN_PATH] = granting(less)
        assert (await ask(gate, mine)).status_code == 200
        assert services.asked[-1].header("Authorization") == f"Bearer {less}"
        assert len(exchanges(services)) == 2
        revocations.add(key_id)
        services.answers[TOKEN_PATH] = REFUSING
        for _ in range(5):
            assert (await ask(gate, mine)).status_code == 401
        assert len(exchanges(services)) == 3


@asynccontextmanager
async def watching_gateway(services: Services) -> AsyncIterator[tuple[Gateway, Revocations]]:
    """A gateway, and what it has heard of: the test says it in Kafka's place."""
    settings, issuer, revocations = settings_of(services.url), Issuer(), Revocations(900)
    revocations.settle()
    verifier = TokenVerifier(issuer, ISSUER, AUDIENCE, revocations)
    async with (
        upstreams(settings) as owners,
        served(build(settings, issuer, verifier, owners), settings) as port,
        httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", trust_env=False) as http,
    ):
        yield Gateway(http, port, issuer), revocations


async def test_keys_in_use_go_on_while_identity_is_down_and_new_ones_are_503(
    fresh: Gateway, services: Services, mine: str
) -> None:
    assert (await ask(fresh, mine)).status_code == 200
    services.answers[TOKEN_PATH] = answering({}, 503)
    assert (await ask(fresh, mine)).status_code == 200
    answer = await ask(fresh, key(9_002))
    assert (answer.status_code, answer.json()["service"]) == (503, "identity")
    assert answer.headers["Retry-After"]
    assert "outcome" not in answer.json()
    services.answers[TOKEN_PATH] = granting(fresh.issuer.token())
    assert (await ask(fresh, key(9_002))).status_code == 200  # nothing of it was remembered


async def test_while_identity_cannot_be_reached_a_new_key_is_503(services: Services) -> None:
    async with running_gateway(services.url, identity_url=closed_port_url()) as gate:
        answer = await ask(gate, key(9_003))
        assert (answer.status_code, answer.json()["service"]) == (503, "identity")


@pytest.mark.parametrize(
    "respond",
    [answering(b"no JSON"), answering([1]), answering({}), answering({"access_token": 1})],
)
async def test_an_answer_that_is_none_is_503(
    fresh: Gateway, services: Services, mine: str, respond: Respond
) -> None:
    services.answers[TOKEN_PATH] = respond
    assert (await ask(fresh, mine)).status_code == 503


async def test_identity_is_asked_about_so_many_keys_at_once_and_no_more(
    fresh: Gateway, services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(api_keys, "ASKING_MAX", 3)
    go = asyncio.Event()
    services.answers[TOKEN_PATH] = waiting(go, granting(fresh.issuer.token()))
    callers = [asyncio.ensure_future(ask(fresh, key(8_000 + n))) for n in range(10)]
    done, _ = await asyncio.wait(callers, return_when=asyncio.FIRST_COMPLETED)
    assert {task.result().status_code for task in done} == {503}
    go.set()
    statuses = sorted([answer.status_code for answer in await asyncio.gather(*callers)])
    assert statuses.count(200) >= 3
    assert 503 in statuses


async def test_what_is_kept_of_keys_is_bounded(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(api_keys, "KEPT_MAX", 2)
    async with running_gateway(services.url) as gate:
        services.answers[TOKEN_PATH] = granting(gate.issuer.token())
        for number in (1, 2, 3, 3, 1):
            assert (await ask(gate, key(number))).status_code == 200
        assert len(exchanges(services)) == 4
