"""A provider may take orders only of clients whose owner has proved its address."""

from typing import Any, TypeVar

import pytest
from services.clients.tests.api.test_members import owner as in_person
from services.clients.tests.world import Json, World

from florin_contracts.clients import OrderPlaced
from florin_contracts.identity import (
    UserActivated,
    UserEmailChanged,
    UserEmailVerified,
    UserInvited,
    UserKind,
    UserState,
    UserStatus,
)
from florin_contracts.permissions import ClientRole
from florin_contracts.providers import ProviderChanged

U = TypeVar("U", bound=UserState)
REFUSED = (409, "email_not_verified")


@pytest.fixture
async def asking(world: World) -> World:
    """A world whose provider asks for a verified address."""
    rules = world.provider.registration.model_copy(update={"verified_email": True})
    changed = world.provider.model_dump() | {"registration": rules}
    await world.clients.deliver(ProviderChanged.model_validate(changed), sequence=2)
    return world


def owner(world: World, event: type[U], **changes: Any) -> U:
    """What identity states next of the user who registered the client."""
    state = world.registered.model_dump(exclude={"registration"})
    return event.model_validate(state | changes)


async def ordered(world: World) -> tuple[int, str | None]:
    answer = await world.clients.http.post("/orders", json=world.wish(), headers=world.owner)
    return answer.status_code, answer.json().get("code")


async def test_a_client_without_a_verified_address_orders_nothing(asking: World) -> None:
    assert await ordered(asking) == REFUSED
    assert await asking.clients.stated(OrderPlaced) == []


async def test_it_orders_as_soon_as_the_address_is_verified(asking: World) -> None:
    verified = owner(asking, UserEmailVerified, email_verified=True)
    await asking.clients.deliver(verified, sequence=2)
    assert (await ordered(asking))[0] == 201


async def test_an_address_that_is_given_up_for_another_counts_no_more(asking: World) -> None:
    await asking.clients.deliver(owner(asking, UserEmailVerified, email_verified=True), sequence=2)
    other = owner(asking, UserEmailChanged, email="other@example.com", email_verified=False)
    await asking.clients.deliver(other, sequence=3)
    assert await ordered(asking) == REFUSED


async def test_another_providers_clients_and_those_of_one_that_does_not_ask_order_as_before(
    world: World,
) -> None:
    assert (await ordered(world))[0] == 201


async def test_an_employee_cannot_order_for_such_a_client_either(asking: World) -> None:
    headers = asking.employee_of(asking.provider.id, "orders:place")
    answer = await asking.clients.http.post("/orders", json=asking.wish(), headers=headers)
    assert (answer.status_code, answer.json()["code"]) == REFUSED


@pytest.mark.parametrize(("role", "counts"), [(ClientRole.OWNER, True), (ClientRole.READER, False)])
async def test_another_owners_verified_address_counts_and_no_other_users(
    asking: World, role: ClientRole, counts: bool
) -> None:
    path = f"/clients/{asking.client_id}/users"
    body = {"name": "Lyra", "email": "lyra@example.com", "role": role}
    invited = await asking.clients.http.post(path, json=body, headers=in_person(asking))
    assert invited.status_code == 201, invited.text
    login: Json = {
        "id": invited.json()["id"],
        "name": "Lyra",
        "email": "lyra@example.com",
        "kind": UserKind.CLIENT,
        "administrator": False,
        "client_id": asking.client_id,
        "email_verified": True,
    }
    before = UserInvited(**login, status=UserStatus.INVITED)
    await asking.clients.deliver(before)
    assert await ordered(asking) == REFUSED, "nobody has joined yet"
    await asking.clients.deliver(UserActivated(**login, status=UserStatus.ACTIVE), sequence=2)
    assert ((await ordered(asking))[0] == 201) is counts
