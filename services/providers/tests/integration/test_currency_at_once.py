"""A provider sells in one currency at a time, whoever enters plans while it goes over."""

from typing import Any

import pytest
from httpx import Response
from services.providers.tests.at_once import Ask, one_behind_the_other
from services.providers.tests.integration.test_importing import ROW, as_csv, products
from services.providers.tests.making import administrator, made, provider
from sqlalchemy import text

from florin_chassis.testing.harness import Harness
from florin_providers.use_cases.run_waiting_imports import run_waiting_imports

PLAN = {
    "name": "P",
    "prices": [{"period": "month", "price": {"amount": "1.00", "currency": "RUB"}}],
}
LATER = {
    "period": "year",
    "price": {"amount": "9.00", "currency": "RUB"},
    "valid_from": "2099-01-01T00:00:00Z",
}


async def shop(providers: Harness) -> tuple[str, dict[str, Any]]:
    """A provider, and its product with a plan in roubles."""
    seller = (await provider(providers))["id"]
    body = {"provider_id": seller, "name": "Hosting", "plans": [PLAN]}
    return seller, await made(providers, "/products", body)


def to_euros(providers: Harness, seller: str) -> Ask:
    path, headers = f"/providers/{seller}/currency", administrator(providers)
    return lambda: providers.http.put(path, json={"currency": "EUR"}, headers=headers)


def add_plan(providers: Harness, product: dict[str, Any]) -> Ask:
    path, headers = f"/products/{product['id']}/plans", administrator(providers)
    return lambda: providers.http.post(path, json=PLAN | {"name": "Q"}, headers=headers)


def codes(answers: list[Response]) -> list[tuple[int, str | None]]:
    return [(a.status_code, a.json().get("code")) for a in answers]


async def test_a_plan_that_comes_just_after_the_currency_changed_is_refused(
    providers: Harness,
) -> None:
    seller, product = await shop(providers)
    asked = (to_euros(providers, seller), add_plan(providers, product))
    answers = await one_behind_the_other(providers, "providers", seller, *asked)
    assert codes(answers)[1] == (409, "foreign_currency")
    ((plan,),) = [p["plans"] for p in await products(providers)]
    assert plan["name"] == "P"


async def test_a_plan_that_comes_just_before_the_currency_changes_is_kept(
    providers: Harness,
) -> None:
    seller, product = await shop(providers)
    asked = (add_plan(providers, product), to_euros(providers, seller))
    answers = await one_behind_the_other(providers, "providers", seller, *asked)
    assert [answer.status_code for answer in answers] == [201, 200]
    assert answers[1].json()["currency"] == "EUR"


async def test_a_price_that_comes_just_after_the_currency_changed_does_not_become_the_plans(
    providers: Harness,
) -> None:
    """What a plan costs is said in today's currency, even if a price in the old one is added."""
    seller, product = await shop(providers)
    plan_id = product["plans"][0]["id"]
    headers = administrator(providers)
    euros = {"period": "month", "price": {"amount": "2.00", "currency": "EUR"}}
    await made(providers, f"/plans/{plan_id}/prices", euros)

    def later() -> Any:
        return providers.http.post(f"/plans/{plan_id}/prices", json=LATER, headers=headers)

    asked = (to_euros(providers, seller), later)
    _, priced = await one_behind_the_other(providers, "providers", seller, *asked)
    assert priced.status_code == 201, priced.text
    assert priced.json()["plans"][0]["price"] == euros["price"]


async def test_an_import_that_was_checked_before_the_currency_changed_is_refused(
    providers: Harness,
) -> None:
    """It has checked everything in roubles, and waits to be applied when the currency changes."""
    seller = (await provider(providers))["id"]
    headers = administrator(providers)
    begun = await made(providers, "/catalogue/imports", {"provider_id": seller})
    path = f"/catalogue/imports/{begun['id']}"
    await providers.http.put(f"{path}/parts/1", content=as_csv([ROW]), headers=headers)
    await providers.http.post(f"{path}/submit", headers=headers)

    async def run() -> Response:
        await run_waiting_imports(providers.runtime)
        return await providers.http.get(path, headers=headers)

    asked = (to_euros(providers, seller), run)
    _, done = await one_behind_the_other(providers, "providers", seller, *asked)
    assert done.json()["status"] == "refused", done.text
    assert [error["column"] for error in done.json()["errors"]] == ["currency"]
    assert await products(providers) == []


@pytest.mark.parametrize("how", ["plan", "price"])
async def test_two_enter_plans_and_prices_of_one_provider_without_waiting_for_each_other(
    providers: Harness, how: str
) -> None:
    """One is held up in the middle, with the provider's row and its own product's."""
    seller, one = await shop(providers)
    body = {"provider_id": seller, "name": "Other", "plans": [PLAN]}
    other = await made(providers, "/products", body)
    kept = text("SELECT FROM providers WHERE id = :id FOR KEY SHARE")
    async with providers.runtime.database.engine.begin() as first:
        await first.execute(kept, {"id": seller})
        await first.execute(
            text("SELECT FROM products WHERE id = :id FOR UPDATE"), {"id": one["id"]}
        )
        path = (
            f"/products/{other['id']}/plans"
            if how == "plan"
            else f"/plans/{other['plans'][0]['id']}/prices"
        )
        await made(providers, path, PLAN if how == "plan" else LATER)
