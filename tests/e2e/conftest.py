"""The whole of Florin, running for real beside whatever else runs here, with a story told on it."""

import base64
import json
import secrets
from collections.abc import Iterator

import httpx
import pytest
from tests.e2e.collector import Collector
from tests.e2e.people import payer_of, registered
from tests.shared.databases import Databases

from florin_local.demo.api import Gateway, Json
from florin_local.demo.checks import expect_one, until
from florin_local.demo.narrator import Narrator
from florin_local.demo.story import tell
from florin_local.demo.tale import Tale
from florin_local.folders import temporary_folder
from florin_local.settings import GATEWAY, Ports
from florin_local.stack import HTTP_PARTS, Stack


@pytest.fixture(scope="session")
def collector() -> Iterator[Collector]:
    """Where the processes of the stack send their spans."""
    with Collector() as collector:
        yield collector


@pytest.fixture(scope="session")
def stack(collector: Collector) -> Iterator[Stack]:
    environment = {part: {"FLORIN_OTLP_ENDPOINT": collector.url} for part in HTTP_PARTS}
    sealing = base64.b64encode(secrets.token_bytes(32)).decode()
    environment[GATEWAY]["FLORIN_BROWSER_SESSION_SECRETS"] = json.dumps([sealing])
    with (
        temporary_folder() as folder,
        Stack(folder, Ports.free(), environment=environment, durable=False) as stack,
    ):
        yield stack


@pytest.fixture(scope="session")
def databases(stack: Stack) -> Databases:
    return Databases(stack)


@pytest.fixture(scope="session")
def narrator() -> Narrator:
    """Prints to pytest's capture: a failed test shows how far the story came."""
    return Narrator()


@pytest.fixture(scope="session")
def gateway(stack: Stack) -> Iterator[Gateway]:
    """The gateway as the storyteller meets it."""
    with Gateway(stack.gateway_url) as gateway:
        yield gateway


@pytest.fixture(scope="session")
def tale(stack: Stack, gateway: Gateway, narrator: Narrator) -> Tale:
    """The story, told once; whoever asks for it finds providers, people and a client."""
    return tell(stack, gateway, narrator)


@pytest.fixture
def http(stack: Stack) -> Iterator[httpx.Client]:
    """The gateway, asked once and without patience."""
    with httpx.Client(base_url=stack.gateway_url, timeout=20, trust_env=False) as client:
        yield client


@pytest.fixture
def nothing_is_left_behind(databases: Databases, tale: Tale) -> Iterator[None]:
    """Every table of every service has as many rows after the test as before."""
    for person in (tale.administrator, tale.client):
        person.token()  # signing in again would leave a session behind
    until(databases.expect_settled)
    before = databases.counts()
    yield
    until(databases.expect_settled)
    assert databases.counts() == before


@pytest.fixture(scope="session")
def open_invoice(tale: Tale) -> Json:
    """An invoice that waits for its payment."""
    product = tale.products["N-1"]
    order = tale.client.post(
        "/orders",
        {
            "client_id": tale.client_id,
            "product_id": product["id"],
            "plan_id": product["plans"][0]["id"],
            "payer_id": tale.payers["individual"]["id"],
        },
    )
    query = {"client_id": tale.client_id, "order_id": order["id"]}
    return until(lambda: expect_one("invoices", tale.client.list("/invoices", **query)))


@pytest.fixture(scope="session")
def neighbour(tale: Tale) -> Json:
    """Another client of the same provider, with a payer of its own: `{client_id, payer_id}`."""
    newcomer = registered(tale, "neighbour")
    return {"client_id": newcomer.client_id, "payer_id": payer_of(newcomer)}
