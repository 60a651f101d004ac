"""`/plans` and `/product-types` over HTTP: what is on offer, at what price, when and for whom."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from httpx import Response
from services.providers.tests.making import administrator, made, provider

from florin_chassis.testing.harness import Harness
from florin_contracts.providers.catalogue import (
    PlanChanged,
    PriceChanged,
    PriceWithdrawn,
    ProductArchived,
    ProductChanged,
    ProductOffered,
    ProductTypeChanged,
    ProductTypeCreated,
)

Json = dict[str, Any]
SOON = datetime.now(UTC).replace(microsecond=0) + timedelta(days=30)


def price(amount: str, period: str = "month", **more: Any) -> Json:
    currency = more.pop("currency", "RUB")
    return {"period": period, "price": {"amount": amount, "currency": currency}, **more}


async def hosting(providers: Harness, *prices: Json, **plan: Any) -> tuple[Json, str]:
    """A product with one plan, and the plan's id."""
    seller = (await provider(providers, slug=f"n-{uuid4().hex[:8]}"))["id"]
    plans = [{"name": "Start", "prices": list(prices or [price("100.00")]), **plan}]
    body = {"provider_id": seller, "name": "Hosting", "plans": plans}
    product = await made(providers, "/products", body)
    return product, product["plans"][0]["id"]


async def asked(providers: Harness, path: str, status: int = 200) -> Json:
    answer = await providers.http.get(path, headers=administrator(providers))
    assert answer.status_code == status, answer.text
    return dict(answer.json())


async def changed(providers: Harness, path: str, body: Json, status: int = 200) -> Json:
    answer = await providers.http.patch(path, json=body, headers=administrator(providers))
    assert answer.status_code == status, answer.text
    return dict(answer.json())


async def posted(providers: Harness, path: str, body: Json, status: int = 201) -> Json:
    answer = await providers.http.post(path, json=body, headers=administrator(providers))
    assert answer.status_code == status, answer.text
    return dict(answer.json())


def at(moment: datetime) -> str:
    return moment.isoformat().replace("+00:00", "Z")


async def test_a_type_is_stated_and_its_code_is_its_own(providers: Harness) -> None:
    body = {"code": "vps", "name": "VPS", "translations": {"ru": {"name": "Сервер"}}}
    made_type = await made(providers, "/product-types", body)
    assert [e["data"] for e in await providers.stated(ProductTypeCreated)] == [made_type]
    refused = await posted(providers, "/product-types", body, 409)
    assert refused["code"] == "type_code_taken"
    path = f"/product-types/{made_type['id']}"
    taxed = await changed(providers, path, {"tax_category": "electronic"})
    assert [e["data"] for e in await providers.stated(ProductTypeChanged)] == [taxed]


async def test_there_are_no_new_products_of_an_archived_or_unknown_type(
    providers: Harness,
) -> None:
    made_type = await made(providers, "/product-types", {"code": "vps", "name": "VPS"})
    seller = (await provider(providers))["id"]
    body = {"provider_id": seller, "name": "Server", "product_type": "vps"}
    assert (await made(providers, "/products", body))["product_type"] == "vps"
    await changed(providers, f"/product-types/{made_type['id']}", {"status": "archived"})
    assert (await posted(providers, "/products", body, 409))["code"] == "type_archived"
    await posted(providers, "/products", body | {"product_type": "other"}, 404)


async def test_a_code_is_unique_within_a_provider_for_products_and_for_plans(
    providers: Harness,
) -> None:
    product, _ = await hosting(providers, code="start")
    plan = {"name": "Other", "code": "start", "prices": [price("1.00")]}
    refused = await posted(providers, f"/products/{product['id']}/plans", plan, 409)
    assert refused["code"] == "code_taken"
    body = {"provider_id": product["provider_id"], "name": "H", "code": product["code"]}
    assert (await posted(providers, "/products", body, 409))["code"] == "code_taken"
    assert (await hosting(providers, code="start"))[1]  # another provider's


async def test_an_archived_product_is_stated_and_its_plans_are_archived_with_it(
    providers: Harness,
) -> None:
    product, plan_id = await hosting(providers)
    path = f"/products/{product['id']}"
    await changed(providers, path, {"status": "archived", "name": "Old hosting"})
    assert (await asked(providers, f"/plans/{plan_id}"))["status"] == "archived"
    assert (await asked(providers, f"/plans/{plan_id}/price"))["on_offer"] is False
    await changed(providers, path, {"status": "on_offer"})
    assert (await asked(providers, f"/plans/{plan_id}"))["status"] == "on_offer"
    assert len(await providers.stated(ProductArchived)) == 1
    assert len(await providers.stated(ProductChanged)) == 1
    assert len(await providers.stated(ProductOffered)) == 1


async def test_a_price_from_a_date_on_ends_the_one_before_it_and_touches_nothing_else(
    providers: Harness,
) -> None:
    _, plan_id = await hosting(providers, price("100.00"), price("900.00", "year"))
    new = price("120.00", valid_from=at(SOON), applies_to_running=True)
    product = await posted(providers, f"/plans/{plan_id}/prices", new)
    (event,) = await providers.stated(PriceChanged)
    assert event["data"] == product | {"plan_id": plan_id, "price_id": event["data"]["price_id"]}
    month, year, later = product["plans"][0]["prices"]
    assert (month["price"]["amount"], month["valid_until"]) == ("100.00", at(SOON))
    assert (year["price"]["amount"], year["valid_until"]) == ("900.00", None)
    assert (later["price"]["amount"], later["applies_to_running"]) == ("120.00", True)
    path = f"/plans/{plan_id}/price?period=month&at="
    before, after = SOON - timedelta(seconds=1), SOON
    assert (await asked(providers, path + at(before)))["cost"]["amount"] == "100.00"
    assert (await asked(providers, path + at(after)))["cost"]["amount"] == "120.00"
    listed = await asked(providers, f"/plans/{plan_id}/prices")
    assert [row["price"] for row in listed["data"]] == [month, year, later]


@pytest.mark.parametrize(
    ("new", "code"),
    [
        ({"valid_from": at(SOON)}, "price_periods_overlap"),
        ({"valid_from": at(SOON - timedelta(days=1))}, "price_periods_overlap"),
        ({"valid_from": "2026-01-01T00:00:00Z"}, "price_from_the_past"),
    ],
    ids=["the same day as another", "before one that is announced", "in the past"],
)
async def test_a_price_that_would_overlap_another_or_change_what_was_is_refused(
    providers: Harness, new: Json, code: str
) -> None:
    _, plan_id = await hosting(providers)
    path = f"/plans/{plan_id}/prices"
    await posted(providers, path, price("120.00", valid_from=at(SOON)))
    refused = await posted(providers, path, price("130.00", **new), 409)
    assert refused["code"] == code
    assert len(await providers.stated(PriceChanged)) == 1


async def taken_back(providers: Harness, plan_id: str, price_id: str, **more: str) -> Response:
    path = f"/plans/{plan_id}/prices/{price_id}"
    return await providers.http.delete(path, headers=administrator(providers) | more)


async def test_an_announced_price_is_taken_back_and_the_one_before_it_goes_on(
    providers: Harness,
) -> None:
    product, plan_id = await hosting(providers)
    before = product["plans"][0]["prices"]
    path = f"/plans/{plan_id}/prices"
    announced = await posted(providers, path, price("120.00", valid_from=at(SOON)))
    price_id = announced["plans"][0]["prices"][1]["id"]
    stale = await taken_back(providers, plan_id, price_id, **{"If-Match": '"1"'})
    assert stale.status_code == 412
    gone = await taken_back(providers, plan_id, price_id)
    assert gone.status_code == 204, gone.text
    (event,) = await providers.stated(PriceWithdrawn)
    assert event["data"]["plans"][0]["prices"] == before
    assert (event["data"]["plan_id"], event["data"]["price_id"]) == (plan_id, price_id)
    assert [row["price"] for row in (await asked(providers, path))["data"]] == before
    cost = f"/plans/{plan_id}/price?at={at(SOON + timedelta(days=1))}"
    assert (await asked(providers, cost))["cost"]["amount"] == "100.00"
    acts = (await asked(providers, f"/products/{product['id']}/history"))["data"]
    assert PriceWithdrawn.type in [act["act"] for act in acts], acts
    await posted(providers, path, price("130.00", valid_from=at(SOON)))  # the moment is free again


async def test_a_price_that_has_begun_is_the_only_one_or_anothers_is_not_taken_back(
    providers: Harness,
) -> None:
    first, second = [await hosting(providers) for _ in "12"]
    ids = [product["plans"][0]["prices"][0]["id"] for product, _ in (first, second)]
    begun = await taken_back(providers, first[1], ids[0])
    assert (begun.status_code, begun.json()["code"]) == (409, "price_has_begun")
    assert (await taken_back(providers, first[1], ids[1])).status_code == 404
    _, plan_id = await hosting(providers, price("1.00", valid_from=at(SOON)))
    (only,) = (await asked(providers, f"/plans/{plan_id}/prices"))["data"]
    refused = await taken_back(providers, plan_id, only["id"])
    assert (refused.status_code, refused.json()["code"]) == (409, "last_price")
    assert await providers.stated(PriceWithdrawn) == []
    assert len((await asked(providers, f"/plans/{plan_id}/prices"))["data"]) == 1


async def test_prices_of_a_new_plan_may_not_overlap(providers: Harness) -> None:
    seller = (await provider(providers))["id"]
    plan = {"name": "Start", "prices": [price("1.00"), price("2.00")]}
    body = {"provider_id": seller, "name": "Hosting", "plans": [plan]}
    assert (await posted(providers, "/products", body, 409))["code"] == "price_periods_overlap"
    custom = [
        price(a, "custom", length={"count": n, "unit": "month"})
        for a, n in (("3.00", 3), ("6.00", 6))
    ]
    await made(providers, "/products", body | {"plans": [plan | {"prices": custom}]})


@pytest.mark.parametrize(
    "wrong",
    [
        price("1.00", "custom"),
        price("1.00", length={"count": 3, "unit": "month"}),
        price("1.00", "custom", length={"count": 0, "unit": "month"}),
        price("1.00", setup_fee={"amount": "1.00", "currency": "EUR"}),
        price("1.00", valid_from=at(SOON), valid_until=at(SOON)),
        price("1.00", currency="XXX"),
        price("-1.00"),
        price("1.00", valid_from="0001-01-01T00:00:00+14:00"),
    ],
)
async def test_a_price_that_cannot_be_is_malformed(providers: Harness, wrong: Json) -> None:
    _, plan_id = await hosting(providers)
    await posted(providers, f"/plans/{plan_id}/prices", wrong, 422)


async def test_a_plan_without_a_price_in_the_providers_currency_is_not_on_offer(
    providers: Harness,
) -> None:
    _, plan_id = await hosting(providers)
    await posted(providers, f"/plans/{plan_id}/prices", price("2.00", "year", currency="EUR"))
    found = await asked(providers, f"/plans/{plan_id}/price?period=year", 404)
    assert found["code"] == "no_price"
    now = datetime.now(UTC)
    assert [p["id"] for p in (await asked(providers, f"/plans?sold_at={at(now)}"))["data"]] == [
        plan_id
    ]
    before = at(now - timedelta(days=1))
    assert (await asked(providers, f"/plans?sold_at={before}"))["data"] == []


async def test_a_group_pays_the_best_of_its_discounts(providers: Harness) -> None:
    tenth, fixed = str(uuid4()), str(uuid4())
    discounts = [
        {"group_id": tenth, "percent": "12.50"},
        {
            "group_id": fixed,
            "price": {"amount": "80.00", "currency": "RUB"},
            "period": "month",
        },
    ]
    _, plan_id = await hosting(
        providers, price("99.99"), price("900.00", "year"), discounts=discounts
    )
    path = f"/plans/{plan_id}/price?period="
    assert (await asked(providers, f"{path}month"))["cost"]["amount"] == "99.99"
    one = await asked(providers, f"{path}month&group_id={tenth}")
    assert one["cost"]["amount"] == "87.49"
    both = await asked(providers, f"{path}month&group_id={tenth}&group_id={fixed}")
    assert both["cost"]["amount"] == "80.00"
    assert (await asked(providers, f"{path}year&group_id={fixed}"))["cost"]["amount"] == "900.00"


async def test_what_a_plan_is_changes_without_its_prices_and_null_ends_a_trial(
    providers: Harness,
) -> None:
    trial = {"length": {"count": 14, "unit": "day"}}
    product, plan_id = await hosting(providers, trial=trial)
    changes = {"trial": None, "availability": {"countries": ["RU"]}, "name": "Begin"}
    after = await changed(providers, f"/plans/{plan_id}", changes)
    (plan,) = after["plans"]
    assert (plan["trial"], plan["name"], plan["availability"]["countries"]) == (
        None,
        "Begin",
        ["RU"],
    )
    assert plan["prices"] == product["plans"][0]["prices"]
    (event,) = await providers.stated(PlanChanged)
    assert event["data"] == after | {"plan_id": plan_id}
    await changed(providers, f"/plans/{plan_id}", {"name": "Begin"})
    assert len(await providers.stated(PlanChanged)) == 1


async def test_plans_are_found_by_text_type_status_provider_and_code(
    providers: Harness,
) -> None:
    await made(providers, "/product-types", {"code": "vps", "name": "VPS"})
    seller = (await provider(providers))["id"]
    plans = [
        {"name": "Start 50%", "code": "s", "prices": [price("1.00")]},
        {
            "name": "Large",
            "code": "l",
            "translations": {"ru": {"name": "Большой"}},
            "prices": [price("2.00")],
        },
    ]
    body = {"provider_id": seller, "name": "Server", "product_type": "vps", "plans": plans}
    product = await made(providers, "/products", body)
    small, large = (plan["id"] for plan in product["plans"])
    _, other = await hosting(providers)
    for query, expected in (
        ("text=50%25", [small]),
        ("text=БОЛЬШ", [large]),
        ("text=server", [small, large]),
        ("product_type=vps", [small, large]),
        (f"provider_id={seller}&code=l", [large]),
        (f"product_id={product['id']}", [small, large]),
        ("text=hosting", [other]),
        ("status=archived", []),
        ("text=__", []),
    ):
        found = (await asked(providers, f"/plans?{query}"))["data"]
        assert [plan["id"] for plan in found] == expected, query
    first = await asked(providers, "/plans?limit=1")
    second = await asked(providers, f"/plans?limit=2&cursor={first['next_cursor']}")
    assert [p["id"] for p in (*first["data"], *second["data"])] == [small, large, other]
