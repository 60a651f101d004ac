"""`/orders` and `/services` over HTTP."""

from uuid import UUID

import pytest
from services.clients.tests.world import (
    Json,
    World,
    a_company,
    a_payer,
    a_product,
    a_provider,
    a_registration,
)

from florin_chassis.ids import new_id
from florin_contracts.clients import (
    ClientJoinedProvider,
    ClientRegistered,
    ClientUserAdded,
    OrderPlaced,
    ServiceOrdered,
)
from florin_contracts.payers import ServingCompany
from florin_contracts.permissions import Permission
from florin_contracts.providers import CompanyLinksChanged


async def refused(world: World, headers: dict[str, str] | None = None, **changes: UUID) -> Json:
    """The problem that an order meets; that it left nothing behind is checked here."""
    before = await world.clients.stated()
    answer = await world.clients.http.post(
        "/orders", json=world.wish(**changes), headers=headers or world.owner
    )
    assert answer.status_code >= 400, answer.text
    assert await world.clients.stated() == before
    return {"status": answer.status_code, "code": answer.json()["code"]}


async def test_a_placed_order_is_stated_with_the_service_it_will_become(world: World) -> None:
    answer = await world.clients.http.post("/orders", json=world.wish(), headers=world.owner)
    assert answer.status_code == 201, answer.text
    assert answer.headers["ETag"] == '"1"'
    order = answer.json()
    assert (order["status"], order["invoice_id"]) == ("placed", None)
    assert order["price"] == {"amount": "490.00", "currency": "RUB"}
    (placed,) = await world.clients.stated(OrderPlaced)
    assert placed["data"] == order
    (ordered,) = await world.clients.stated(ServiceOrdered)
    assert ordered["data"]["id"] == order["service_id"]
    assert ordered["data"]["order_id"] == order["id"]
    assert ordered["data"] == await world.read(f"/services/{order['service_id']}")
    assert (ordered["data"]["status"], ordered["data"]["paid_until"]) == ("ordered", None)


async def test_an_order_waits_and_its_client_is_not_active(world: World) -> None:
    await world.order()
    assert (await world.read(f"/clients/{world.client_id}"))["state"] == "not_active"


async def test_ordering_at_another_provider_joins_it_first(world: World) -> None:
    second = a_provider("EUR")
    await world.clients.deliver(second, product := a_product(second))
    order = await world.order(product_id=product.id, plan_id=product.plans[0].id)
    assert order["price"]["currency"] == "EUR"
    types = [event["envelope"]["type"] for event in await world.clients.stated()]
    began = [ClientRegistered.type, ClientUserAdded.type]
    joined = [ClientJoinedProvider.type, OrderPlaced.type, ServiceOrdered.type]
    assert types == began + joined
    (event,) = await world.clients.stated(ClientJoinedProvider)
    assert event["data"]["provider_id"] == str(second.id)
    both = [str(world.provider.id), str(second.id)]
    assert event["data"]["provider_ids"] == both
    assert (await world.read(f"/clients/{world.client_id}"))["provider_ids"] == both


async def test_ordering_again_joins_nothing(world: World) -> None:
    await world.order()
    await world.order()
    assert await world.clients.stated(ClientJoinedProvider) == []


@pytest.mark.parametrize("unknown", ["product_id", "plan_id"])
async def test_an_unknown_plan_is_refused(world: World, unknown: str) -> None:
    expected = {"status": 409, "code": "unknown_plan"}
    assert await refused(world, None, **{unknown: new_id()}) == expected


async def test_a_payer_that_is_unknown_or_another_client_s_is_refused(world: World) -> None:
    await world.clients.deliver(foreign := a_payer(new_id()))
    expected = {"status": 409, "code": "unknown_payer"}
    assert await refused(world, payer_id=new_id()) == expected
    assert await refused(world, payer_id=foreign.id) == expected


async def test_a_payer_whom_no_company_serves_is_refused(world: World) -> None:
    await world.clients.deliver(german := a_payer(world.client_id, country="DE"))
    expected = {"status": 409, "code": "no_company_serves_payer"}
    assert await refused(world, payer_id=german.id) == expected


async def test_nobody_orders_for_another_client(world: World) -> None:
    other = a_registration(world.provider)
    await world.clients.deliver(other)
    assert other.client_id is not None
    not_found = {"status": 404, "code": "not_found"}
    assert await refused(world, client_id=other.client_id) == not_found
    assert await refused(world, client_id=new_id()) == not_found


async def test_an_employee_orders_for_a_client_at_its_own_provider_only(world: World) -> None:
    second = a_provider("EUR")
    await world.clients.deliver(second, product := a_product(second))
    employee = world.employee_of(world.provider.id, Permission.ORDERS_PLACE)
    elsewhere = {"product_id": product.id, "plan_id": product.plans[0].id}
    expected = {"status": 409, "code": "unknown_plan"}
    assert await refused(world, employee, **elsewhere) == expected
    answer = await world.clients.http.post("/orders", json=world.wish(), headers=employee)
    assert answer.status_code == 201, answer.text


async def test_an_order_needs_its_permission(world: World) -> None:
    headers = world.clients.signed_in(Permission.ORDERS_READ, everywhere=True)
    assert await refused(world, headers) == {"status": 403, "code": "forbidden"}


async def test_a_malformed_order_names_each_field(world: World) -> None:
    wish = {"client_id": "me", "plan_id": 7, "price": "0.01"}
    answer = await world.clients.http.post("/orders", json=wish, headers=world.owner)
    assert answer.status_code == 422
    faulty = {error["field"] for error in answer.json()["errors"]}
    assert faulty == {"client_id", "plan_id", "product_id", "payer_id", "price"}


async def test_the_same_key_orders_once(world: World) -> None:
    headers = world.owner | {"Idempotency-Key": "once"}
    wish = world.wish()
    answers = [
        await world.clients.http.post("/orders", json=wish, headers=headers) for _ in range(2)
    ]
    assert answers[0].content == answers[1].content
    assert len(await world.clients.stated(OrderPlaced)) == 1


@pytest.mark.parametrize("kind", ["orders", "services"])
async def test_lists_hold_what_is_reached_and_can_be_narrowed(world: World, kind: str) -> None:
    order = await world.order()
    id_ = order["id"] if kind == "orders" else order["service_id"]
    stranger = world.owner_of(new_id())
    http, nobody = world.clients.http, str(new_id())
    assert [row["id"] for row in (await world.read(f"/{kind}"))["data"]] == [id_]
    for mine in (f"client_id={world.client_id}", f"provider_id={world.provider.id}"):
        assert len((await world.read(f"/{kind}?{mine}"))["data"]) == 1
    for other in (f"client_id={nobody}", f"provider_id={nobody}"):
        assert (await world.read(f"/{kind}?{other}"))["data"] == []
    mine = f"client_id={world.client_id}"
    assert (await http.get(f"/{kind}?{mine}", headers=stranger)).json()["data"] == []
    assert (await http.get(f"/{kind}/{id_}", headers=stranger)).status_code == 404
    employee = world.employee_of(new_id(), Permission.ORDERS_READ, Permission.SERVICES_READ)
    assert (await http.get(f"/{kind}/{id_}", headers=employee)).status_code == 404


async def test_the_company_that_a_payer_keeps_serves_it_until_its_link_rests(world: World) -> None:
    """Today's rules serve nobody from Germany."""
    company = a_company(world.provider, new_id())
    kept = ServingCompany(provider_id=world.provider.id, company_id=company.id, evaluation=0)
    payer = a_payer(world.client_id, country="DE").model_copy(update={"companies": (kept,)})
    await world.clients.deliver(company, payer)
    assert (await world.order(payer_id=payer.id))["payer_id"] == str(payer.id)
    rests = {"provider_ids": (), "suspended_provider_ids": (world.provider.id,)}
    await world.clients.deliver(
        CompanyLinksChanged.model_validate(company.model_dump() | rests), sequence=2
    )
    expected = {"status": 409, "code": "no_company_serves_payer"}
    assert await refused(world, payer_id=payer.id) == expected
