"""`/products` over HTTP."""

from typing import Any

import pytest
from services.providers.tests.making import (
    NOBODY,
    administrator,
    employee_of,
    made,
    provider,
)

from florin_chassis.testing.harness import Harness
from florin_contracts.permissions import CLIENT_ROLES, ClientRole
from florin_contracts.providers.catalogue import PlanAdded, ProductCreated


def plan(amount: str = "10.00", currency: str = "RUB") -> dict[str, Any]:
    return {
        "name": "Monthly",
        "period": "month",
        "price": {"amount": amount, "currency": currency},
    }


async def product(providers: Harness, provider_id: str, *plans: dict[str, Any]) -> dict[str, Any]:
    body = {"provider_id": provider_id, "name": "Hosting", "plans": plans}
    return await made(providers, "/products", body)


async def test_a_created_product_is_stated_with_its_plans_and_their_prices(
    providers: Harness,
) -> None:
    seller = (await provider(providers))["id"]
    created = await product(providers, seller, plan())
    (event,) = await providers.stated(ProductCreated)
    assert event["data"] == created
    (stated,) = created["plans"]
    assert {name: stated[name] for name in plan()} == plan()
    (price,) = stated["prices"]
    assert (price["period"], price["price"]) == ("month", plan()["price"])
    answer = await providers.http.get(
        f"/products/{created['id']}", headers=administrator(providers)
    )
    assert (answer.json(), answer.headers["ETag"]) == (created, '"1"')


async def test_an_added_plan_is_stated_with_the_whole_product_and_named(
    providers: Harness,
) -> None:
    seller = (await provider(providers))["id"]
    before = await product(providers, seller, plan())
    after = await made(providers, f"/products/{before['id']}/plans", plan("100.00"))
    (event,) = await providers.stated(PlanAdded)
    assert event["data"] == after | {"plan_id": after["plans"][1]["id"]}
    assert after["plans"][0] == before["plans"][0]
    assert after["plans"][1]["price"] == {"amount": "100.00", "currency": "RUB"}


async def test_a_price_in_another_currency_than_the_providers_is_refused(
    providers: Harness,
) -> None:
    seller = (await provider(providers))["id"]
    created = await product(providers, seller)
    headers, foreign = administrator(providers), plan(currency="EUR")
    body = {"provider_id": seller, "name": "Domain", "plans": [plan(), foreign]}
    for path, json in (("/products", body), (f"/products/{created['id']}/plans", foreign)):
        answer = await providers.http.post(path, json=json, headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (409, "foreign_currency")
        assert answer.json()["currency"] == "RUB"
    assert len(await providers.stated(ProductCreated)) == 1
    assert await providers.stated(PlanAdded) == []


@pytest.mark.parametrize(
    ("price", "field"),
    [
        ({"amount": "-0.01", "currency": "RUB"}, "price"),
        ({"amount": "0.001", "currency": "RUB"}, "price"),
        ({"amount": 10, "currency": "RUB"}, "price"),
    ],
    ids=["negative", "finer than its currency", "no string"],
)
async def test_a_price_that_cannot_be_is_refused_by_field(
    providers: Harness, price: dict[str, object], field: str
) -> None:
    seller = (await provider(providers))["id"]
    created = await product(providers, seller)
    answer = await providers.http.post(
        f"/products/{created['id']}/plans",
        json=plan() | {"price": price},
        headers=administrator(providers),
    )
    assert answer.status_code == 422
    assert [error["field"] for error in answer.json()["errors"]] == [field]


async def test_a_plan_may_be_free(providers: Harness) -> None:
    seller = (await provider(providers))["id"]
    created = await product(providers, seller, plan("0.00"))
    assert created["plans"][0]["price"]["amount"] == "0.00"


async def test_a_product_has_a_hundred_plans_at_most(providers: Harness) -> None:
    seller = (await provider(providers))["id"]
    full = await product(providers, seller, *[plan()] * 100)
    answer = await providers.http.post(
        f"/products/{full['id']}/plans", json=plan(), headers=administrator(providers)
    )
    assert (answer.status_code, answer.json()["code"]) == (409, "too_many_plans")


async def test_a_plan_is_not_added_to_a_product_that_changed_since_it_was_read(
    providers: Harness,
) -> None:
    seller = (await provider(providers))["id"]
    created = await product(providers, seller)
    path = f"/products/{created['id']}/plans"
    headers = administrator(providers) | {"If-Match": '"1"'}
    answers = [await providers.http.post(path, json=plan(), headers=headers) for _ in "12"]
    assert [answer.status_code for answer in answers] == [201, 412]


async def test_a_client_sees_the_catalogue_of_every_provider_and_changes_nothing(
    providers: Harness,
) -> None:
    sellers = [(await provider(providers, slug=slug))["id"] for slug in ("a", "b")]
    products = [(await product(providers, seller))["id"] for seller in sellers]
    owner = CLIENT_ROLES[ClientRole.OWNER]
    headers = providers.signed_in(*owner, reach={"client": [NOBODY]})
    listed = (await providers.http.get("/products", headers=headers)).json()["data"]
    assert [found["id"] for found in listed] == products
    one = await providers.http.get(f"/products?provider_id={sellers[1]}", headers=headers)
    assert [found["id"] for found in one.json()["data"]] == products[1:]
    refused = await providers.http.post(
        f"/products/{products[0]}/plans", json=plan(), headers=headers
    )
    assert refused.status_code == 403


async def test_an_employee_of_one_provider_neither_sees_nor_makes_products_of_another(
    providers: Harness,
) -> None:
    own, other = [(await provider(providers, slug=slug))["id"] for slug in ("a", "b")]
    foreign = (await product(providers, other))["id"]
    headers = employee_of(providers, own)
    new = {"provider_id": other, "name": "Domain"}
    answers = [
        await providers.http.get(f"/products/{foreign}", headers=headers),
        await providers.http.post("/products", json=new, headers=headers),
        await providers.http.post(f"/products/{foreign}/plans", json=plan(), headers=headers),
    ]
    assert [answer.status_code for answer in answers] == [404, 404, 404]
    listed = await providers.http.get(f"/products?provider_id={other}", headers=headers)
    assert listed.json()["data"] == []
