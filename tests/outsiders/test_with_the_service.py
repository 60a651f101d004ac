"""Of the real clients service, through its real relay, a mirror holds what the service does."""

from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from chassis.tests.states import relay_all
from services.clients.tests.world import World, a_registration, issued, paid
from sqlalchemy import select
from tests.outsiders.programs import Program
from tests.plugins.servers import SettingsFor

from florin_chassis.runtime import Runtime
from florin_chassis.testing.harness import Harness, harness
from florin_chassis.topics import create_topics
from florin_clients.models.client import Client
from florin_clients.models.client_user import ClientUser
from florin_clients.service import service
from florin_contracts.clients import ClientActivated, ClientState
from florin_local.kafka import Kafka


@pytest.fixture
async def clients(settings_for: SettingsFor) -> AsyncIterator[Harness]:
    async with harness(service, settings_for(service)) as running:
        yield running


@pytest.fixture
async def road(clients: Harness, kafka: Kafka) -> Runtime:
    changes = {
        "kafka_bootstrap": kafka.bootstrap,
        "topic_prefix": f"real-{uuid4().hex[:8]}.",
        "relay": "poll",
    }
    settings = clients.runtime.settings.model_copy(update=changes)
    await create_topics(service.name, settings)
    return replace(clients.runtime, settings=settings)


@pytest.fixture
def mirror(road: Runtime, command: Sequence[str], tmp_path: Path) -> Iterator[Program]:
    program = Program(command, road.settings.kafka_bootstrap, road.settings.topic_prefix, tmp_path)
    yield program
    program.process.kill()


async def held_by(clients: Harness) -> dict[str, Any]:
    """The public state of every client that the service has."""
    async with clients.begin() as transaction:
        rows = (await transaction.session.scalars(select(Client))).all()
        states = [ClientState.model_validate(row).model_dump(mode="json") for row in rows]
    return {state["id"]: state for state in states}


async def activate(world: World) -> None:
    order = await world.order()
    await world.clients.deliver(paid(issued(order), order))


async def erase(clients: Harness, client_id: UUID) -> None:
    async with clients.begin() as transaction:
        its = select(ClientUser).where(ClientUser.client_id == client_id)
        for user in await transaction.session.scalars(its):
            await transaction.erase(user)
    async with clients.begin() as transaction:
        await transaction.erase(await transaction.get(Client, client_id))


async def test_a_mirror_is_complete_follows_and_forgets(
    clients: Harness, road: Runtime, mirror: Program
) -> None:
    world, later = World(clients), World(clients)
    others = [a_registration(world.provider, f"client {number}") for number in range(20)]
    for each in (world, later):
        await clients.deliver(each.provider, each.product, each.registered, each.payer)
    await clients.deliver(*others)
    await activate(world)
    await relay_all(road)
    mirror.start()
    await mirror.catch_up()
    assert mirror.clients() == await held_by(clients)
    assert mirror.letters() == []

    await activate(later)
    gone = others[0].client_id
    assert gone is not None
    await erase(clients, gone)
    await relay_all(road)
    await mirror.catch_up()
    assert mirror.clients() == await held_by(clients) | {str(gone): None}
    _, activated = await clients.stated(ClientActivated)
    assert mirror.letters() == [activated["envelope"]["id"]]
    assert mirror.rejected() == set()
