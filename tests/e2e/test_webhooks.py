"""Webhooks on the whole system, as the how-to tells a new user: told, tried again, repeated."""

from collections import defaultdict
from collections.abc import Iterator
from typing import NamedTuple

import httpx
import pytest
from anyio.from_thread import start_blocking_portal
from services.providers.tests.receiver import Answer, Received, Receiver, receiving
from tests.e2e.answers import write
from tests.e2e.people import Newcomer, payer_of, registered
from tests.e2e.restarting import started_with

from florin_contracts.clients import ClientJoinedProvider, ClientRegistered, OrderPlaced
from florin_local.demo.api import Json
from florin_local.demo.checks import expect, expect_one, until
from florin_local.demo.tale import Tale
from florin_local.stack import Stack

RECEIVERS_HERE = {
    "FLORIN_WEBHOOK_HTTP_ALLOWED": "true",
    "FLORIN_WEBHOOK_NETWORKS_ALLOWED": '["127.0.0.0/8"]',
    "FLORIN_WEBHOOK_PORTS": "[]",
    "FLORIN_WEBHOOK_RETRY_S": "[1, 1]",
}
pytestmark = pytest.mark.usefixtures("receivers_here")

CHOSEN = (ClientRegistered.type, ClientJoinedProvider.type, OrderPlaced.type)


class Subscriber(NamedTuple):
    """Somebody outside: what they set up, and what came to them."""

    path: str
    secret: str
    receiver: Receiver

    def told(self, *subjects: str) -> list[Received]:
        """What came about these aggregates, in order."""
        return [one for one in self.receiver.received if one.event["subject"] in subjects]

    def expect_told(self, count: int, *subjects: str) -> list[Received]:
        """Raises `DoesNotHold` unless exactly so many requests came about these."""
        told = self.told(*subjects)
        expect("what the receiver was told", len(told), count)
        return told


@pytest.fixture(scope="module")
def receivers_here(stack: Stack, tale: Tale) -> Iterator[None]:
    """Webhooks may lead to this machine."""
    assert tale.client_id
    with started_with(stack, "providers", RECEIVERS_HERE):
        yield


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with start_blocking_portal() as portal, portal.wrap_async_context_manager(receiving()) as it:
        yield it


@pytest.fixture
def subscriber(tale: Tale, receiver: Receiver, http: httpx.Client) -> Iterator[Subscriber]:
    """Set up as the how-to says; gone at the end, for nobody answers there any more."""
    wanted = {"url": f"{receiver.url}/florin", "description": "The CRM", "event_types": CHOSEN}
    webhook = tale.administrator.post("/webhooks", wanted)
    path = f"/webhooks/{webhook['id']}"
    yield Subscriber(path, webhook["secret"], receiver)
    headers = {"Authorization": f"Bearer {tale.administrator.token()}"}
    http.delete(path, headers=headers).raise_for_status()


def ordered_elsewhere(tale: Tale, newcomer: Newcomer) -> str:
    """An order at N-2, which the client joins by it; the order's id."""
    product = tale.products["N-2"]
    order = {
        "client_id": newcomer.client_id,
        "product_id": product["id"],
        "plan_id": product["plans"][0]["id"],
        "payer_id": payer_of(newcomer, "NL"),
    }
    return str(newcomer.person.post("/orders", order)["id"])


def attempts(tale: Tale, path: str) -> list[Json]:
    return list(tale.administrator.get(path)["attempts"])


def test_what_a_client_does_is_told_signed_and_in_order(tale: Tale, subscriber: Subscriber) -> None:
    newcomer = registered(tale, "altair", "NL")
    client_id, order_id = newcomer.client_id, ordered_elsewhere(tale, newcomer)
    told = until(lambda: subscriber.expect_told(3, client_id, order_id))
    types: dict[str, list[str]] = defaultdict(list)
    for request in told:
        event = request.verify(subscriber.secret)
        assert request.path == "/florin"
        assert request.id == event["id"]
        types[event["subject"]].append(event["type"])
    assert types[client_id] == [ClientRegistered.type, ClientJoinedProvider.type]
    assert types[order_id] == [OrderPlaced.type]
    assert not subscriber.receiver.overlapped


def test_the_log_shows_a_delivery_and_a_replay_tells_it_again_under_its_id(
    tale: Tale, subscriber: Subscriber, http: httpx.Client
) -> None:
    client_id = registered(tale, "deneb").client_id
    [first] = until(lambda: subscriber.expect_told(1, client_id))
    log = f"{subscriber.path}/deliveries"

    def delivered() -> Json:
        found = tale.administrator.list(log, status="delivered", event_type=ClientRegistered.type)
        return expect_one("deliveries", [one for one in found if one["subject"] == client_id])

    delivery = until(delivered)
    assert (delivery["event_id"], delivery["sequence"], delivery["tries"]) == (first.id, 1, 1)
    path = f"{log}/{delivery['id']}"
    assert [one["response"] for one in attempts(tale, path)] == ["ok"]

    answer = write(http, tale.administrator.token(), f"{path}/replays")
    assert answer.status_code == 202, answer.text
    _, again = until(lambda: subscriber.expect_told(2, client_id))
    assert (again.id, again.body) == (first.id, first.body)
    again.verify(subscriber.secret)
    until(lambda: expect("tries that are logged", len(attempts(tale, path)), 2))


def test_what_the_receiver_refused_is_told_again_before_what_follows(
    tale: Tale, subscriber: Subscriber
) -> None:
    left = [500]

    async def refuse_once(_: Received) -> Answer:
        return Answer(left.pop() if left else 200)

    subscriber.receiver.answer = refuse_once
    newcomer = registered(tale, "rigel", "NL")
    ordered_elsewhere(tale, newcomer)
    refused, again, next_ = until(lambda: subscriber.expect_told(3, newcomer.client_id))
    assert refused.id == again.id != next_.id
    assert [one.event["sequence"] for one in (refused, again, next_)] == [1, 1, 2]
    again.verify(subscriber.secret)

    def logged() -> list[int]:
        found = tale.administrator.list(f"{subscriber.path}/deliveries", status="delivered")
        [delivery] = [one for one in found if one["event_id"] == refused.id]
        tries = attempts(tale, f"{subscriber.path}/deliveries/{delivery['id']}")
        return [one["status_code"] for one in tries]

    assert logged() == [500, 200]
