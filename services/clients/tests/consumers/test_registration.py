"""A user registers with identity; its client begins here."""

from uuid import UUID

import pytest
from pydantic import ValidationError
from services.clients.tests.world import World, a_provider, a_registration

from florin_chassis.testing.harness import Harness
from florin_contracts.clients import ClientRegistered, ClientUserAdded


async def test_a_registration_makes_the_client_and_its_owner(clients: Harness) -> None:
    registered = a_registration(provider := a_provider())
    await clients.deliver(registered)
    client, owner = await clients.stated()
    assert client["envelope"]["type"] == ClientRegistered.type
    assert client["data"] == {
        "id": str(registered.client_id),
        "name": registered.name,
        "country": "RU",
        "state": "not_active",
        "provider_ids": [str(provider.id)],
    }
    assert owner["envelope"]["type"] == ClientUserAdded.type
    assert owner["data"] == {
        "id": str(registered.id),
        "client_id": str(registered.client_id),
        "name": registered.name,
        "role": "owner",
        "permissions": [],
        "status": "active",
        "email": None,
        "refused_because": None,
    }


async def test_what_it_causes_names_who_registered(clients: Harness) -> None:
    await clients.deliver(a_registration(a_provider()))
    assert {event["envelope"]["actor"] for event in await clients.stated()} == {"user/test"}
    assert all(event["envelope"]["causationid"] for event in await clients.stated())


async def test_a_registration_that_is_heard_again_changes_nothing(world: World) -> None:
    before = await world.clients.stated()
    await world.clients.deliver(world.registered, world.registered)
    assert await world.clients.stated() == before


async def test_a_user_who_registers_no_client_is_none_of_ours(clients: Harness) -> None:
    employee = a_registration(a_provider()).model_copy(update={"registration": None})
    await clients.deliver(employee)
    assert await clients.stated() == []


async def test_a_registration_from_no_country_fails_and_leaves_nothing(clients: Harness) -> None:
    registered = a_registration(a_provider())
    assert registered.registration is not None
    nowhere = registered.registration.model_copy(update={"country": "Nowhere"})
    with pytest.raises(ValidationError):
        await clients.deliver(registered.model_copy(update={"registration": nowhere}))
    assert await clients.stated() == []


async def test_many_clients_in_one_batch_each_begin(clients: Harness) -> None:
    provider = a_provider()
    registrations = [a_registration(provider) for _ in range(20)]
    await clients.deliver(*registrations)
    begun = {UUID(e["data"]["id"]) for e in await clients.stated(ClientRegistered)}
    assert begun == {registered.client_id for registered in registrations}
