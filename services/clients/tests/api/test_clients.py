"""`/clients` over HTTP: who may see whom."""

import pytest
from services.clients.tests.world import World, a_product, a_provider, a_registration

from florin_contracts.permissions import Permission


async def test_a_client_reads_itself_and_its_version(world: World) -> None:
    answer = await world.clients.http.get(f"/clients/{world.client_id}", headers=world.owner)
    assert answer.status_code == 200
    assert answer.headers["ETag"] == '"1"'
    assert answer.json() == {
        "id": str(world.client_id),
        "name": world.registered.name,
        "country": "RU",
        "state": "not_active",
        "provider_ids": [str(world.provider.id)],
    }


async def test_a_client_reads_its_users(world: World) -> None:
    (user,) = (await world.read(f"/clients/{world.client_id}/users"))["data"]
    assert user == {
        "id": str(world.registered.id),
        "client_id": str(world.client_id),
        "name": world.registered.name,
        "email": None,
        "role": "owner",
        "permissions": [],
        "status": "active",
        "refused_because": None,
    }


@pytest.mark.parametrize("path", ["/clients/{id}", "/clients/{id}/users"])
async def test_another_client_does_not_exist(world: World, path: str) -> None:
    other = a_registration(world.provider)
    await world.clients.deliver(other)
    answer = await world.clients.http.get(path.format(id=other.client_id), headers=world.owner)
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
    assert [c["id"] for c in (await world.read("/clients"))["data"]] == [str(world.client_id)]


async def test_an_employee_sees_the_clients_of_its_providers(world: World) -> None:
    second = a_provider("EUR")
    elsewhere = a_registration(second)
    await world.clients.deliver(elsewhere)
    employee = world.employee_of(
        world.provider.id, Permission.CLIENTS_READ, Permission.MEMBERS_READ
    )
    http = world.clients.http
    (client,) = (await http.get("/clients", headers=employee)).json()["data"]
    assert client["id"] == str(world.client_id)
    (user,) = (await http.get(f"/clients/{world.client_id}/users", headers=employee)).json()["data"]
    assert user["id"] == str(world.registered.id)
    foreign = await http.get(f"/clients/{elsewhere.client_id}", headers=employee)
    assert foreign.status_code == 404
    foreign = await http.get(f"/clients/{elsewhere.client_id}/users", headers=employee)
    assert foreign.status_code == 404


async def test_clients_can_be_narrowed_to_a_provider(world: World) -> None:
    second = a_provider("EUR")
    await world.clients.deliver(second, product := a_product(second), a_registration(second))
    everyone = world.clients.signed_in(Permission.CLIENTS_READ, everywhere=True)
    first = {"provider_id": str(world.provider.id)}
    answer = await world.clients.http.get("/clients", params=first, headers=everyone)
    assert [c["id"] for c in answer.json()["data"]] == [str(world.client_id)]
    await world.order(product_id=product.id, plan_id=product.plans[0].id)
    both = {"provider_id": str(second.id)}
    answer = await world.clients.http.get("/clients", params=both, headers=everyone)
    assert len(answer.json()["data"]) == 2


async def test_without_the_permission_nothing_is_told(world: World) -> None:
    headers = world.clients.signed_in(Permission.ORDERS_READ, everywhere=True)
    answer = await world.clients.http.get(f"/clients/{world.client_id}", headers=headers)
    assert answer.status_code == 403
    assert (await world.clients.http.get("/clients")).status_code == 401


async def test_who_reaches_nothing_sees_nothing(world: World) -> None:
    headers = world.clients.signed_in(Permission.CLIENTS_READ)
    assert (await world.clients.http.get("/clients", headers=headers)).json()["data"] == []
