"""What is archived and what begins to use it meet: exactly the first of the two is done."""

from collections.abc import Callable
from typing import Any

import pytest
from services.providers.tests.at_once import Ask, one_behind_the_other
from services.providers.tests.making import administrator, company, made, provider

from florin_chassis.testing.harness import Harness

Json = dict[str, Any]
PRICE = {"period": "month", "price": {"amount": "1.00", "currency": "RUB"}}
PLAN = {"name": "Start", "prices": [PRICE]}


def ask(providers: Harness, method: str, path: str, body: Any = None) -> Ask:
    headers = administrator(providers)
    return lambda: providers.http.request(method, path, json=body, headers=headers)


async def company_of_another(providers: Harness) -> Json:
    elsewhere = (await provider(providers, slug="elsewhere"))["id"]
    return await company(providers, elsewhere)


async def product_archived(providers: Harness, seller: str) -> Json:
    product = await made(providers, "/products", {"provider_id": seller, "name": "Old"})
    await ask(providers, "PATCH", f"/products/{product['id']}", {"status": "archived"})()
    return product


async def beginning(providers: Harness, seller: str, what: str) -> Ask:
    """Whatever begins to use the provider."""
    if what == "company":
        numbers = {"country": "RU", "legal_status": "legal_entity", "tax_number": "7707083893"}
        body: Json = {"name": "LLC", "provider_ids": [seller], **numbers}
        return ask(providers, "POST", "/companies", body)
    if what == "link":
        linked = await company_of_another(providers)
        return ask(providers, "PUT", f"/companies/{linked['id']}/providers/{seller}", {})
    if what == "product":
        body = {"provider_id": seller, "name": "Hosting", "plans": [PLAN]}
        return ask(providers, "POST", "/products", body)
    if what == "product offered again":
        product = await product_archived(providers, seller)
        return ask(providers, "PATCH", f"/products/{product['id']}", {"status": "on_offer"})
    if what == "employee":
        body = {"name": "Ada", "email": "ada@n.example", "provider_ids": [seller]}
        return ask(providers, "POST", "/employees", body)
    body = {"url": "https://hooks.example/a", "description": "a", "event_types": None}
    return ask(providers, "POST", "/webhooks", body | {"provider_id": seller})


USES = ["company", "link", "product", "product offered again", "employee", "webhook"]


@pytest.mark.parametrize("what", USES)
async def test_whatever_comes_just_after_its_provider_was_archived_is_refused(
    providers: Harness, what: str
) -> None:
    seller = (await provider(providers))["id"]
    begins = await beginning(providers, seller, what)
    asked = (ask(providers, "DELETE", f"/providers/{seller}"), begins)
    archived, refused = await one_behind_the_other(providers, "providers", seller, *asked)
    assert archived.status_code == 204, archived.text
    assert (refused.status_code, refused.json()["code"]) == (409, "provider_archived")


@pytest.mark.parametrize("what", USES)
async def test_a_provider_that_something_has_just_begun_to_use_is_not_archived(
    providers: Harness, what: str
) -> None:
    seller = (await provider(providers))["id"]
    begins = await beginning(providers, seller, what)
    asked = (begins, ask(providers, "DELETE", f"/providers/{seller}"))
    begun, refused = await one_behind_the_other(providers, "providers", seller, *asked)
    assert begun.status_code in {200, 201}, begun.text
    assert (refused.status_code, refused.json()["code"]) == (409, "provider_in_use")
    kind = what.partition(" ")[0]
    kinds = {"company": "companies", "link": "companies"}
    assert list(refused.json()["used_by"]) == [kinds.get(kind, f"{kind}s")]


Second = Callable[[Harness, str, str], Ask]


def link(providers: Harness, made: str, seller: str) -> Ask:
    return ask(providers, "PUT", f"/companies/{made}/providers/{seller}", {})


def tax(providers: Harness, made: str, _: str) -> Ask:
    body = {"company_id": made, "tax": "VAT", "rate": "20", "valid_from": "2020-01-01"}
    return ask(providers, "POST", "/tax-rules", body)


async def unlinked(providers: Harness) -> tuple[str, str]:
    """A company without links, and a provider that it may serve."""
    seller = (await provider(providers))["id"]
    made = (await company(providers, seller))["id"]
    await ask(providers, "DELETE", f"/companies/{made}/providers/{seller}")()
    return made, seller


@pytest.mark.parametrize("second", [link, tax])
async def test_a_company_that_was_just_archived_serves_nobody_and_charges_no_new_tax(
    providers: Harness, second: Second
) -> None:
    made, seller = await unlinked(providers)
    asked = (ask(providers, "DELETE", f"/companies/{made}"), second(providers, made, seller))
    archived, refused = await one_behind_the_other(providers, "companies", made, *asked)
    assert archived.status_code == 204, archived.text
    assert (refused.status_code, refused.json()["code"]) == (409, "company_archived")


async def test_a_company_that_has_just_begun_to_serve_is_not_archived(providers: Harness) -> None:
    made, seller = await unlinked(providers)
    asked = (link(providers, made, seller), ask(providers, "DELETE", f"/companies/{made}"))
    linked, refused = await one_behind_the_other(providers, "companies", made, *asked)
    assert linked.status_code == 200, linked.text
    assert (refused.status_code, refused.json()["code"]) == (409, "company_in_use")


@pytest.mark.parametrize("first", ["archive", "plan"])
async def test_a_plan_is_archived_with_its_product_whether_it_came_before_or_after(
    providers: Harness, first: str
) -> None:
    seller = (await provider(providers))["id"]
    product = await made(providers, "/products", {"provider_id": seller, "name": "Hosting"})
    path = f"/products/{product['id']}"
    archive = ask(providers, "PATCH", path, {"status": "archived"})
    plan = ask(providers, "POST", f"{path}/plans", PLAN)
    order = (archive, plan) if first == "archive" else (plan, archive)
    answers = await one_behind_the_other(providers, "products", product["id"], *order)
    assert sorted(answer.status_code for answer in answers) == [200, 201]
    (found,) = (await ask(providers, "GET", "/plans")()).json()["data"]
    assert found["status"] == "archived"


@pytest.mark.parametrize("first", ["archive", "price"])
async def test_of_a_plan_that_is_archived_and_priced_at_once_nothing_is_lost(
    providers: Harness, first: str
) -> None:
    seller = (await provider(providers))["id"]
    body = {"provider_id": seller, "name": "Hosting", "plans": [PLAN]}
    product = await made(providers, "/products", body)
    plan_id = product["plans"][0]["id"]
    archive = ask(providers, "PATCH", f"/plans/{plan_id}", {"status": "archived"})
    price = ask(providers, "POST", f"/plans/{plan_id}/prices", PRICE | {"period": "year"})
    order = (archive, price) if first == "archive" else (price, archive)
    answers = await one_behind_the_other(providers, "products", product["id"], *order)
    assert sorted(answer.status_code for answer in answers) == [200, 201]
    plan = (await ask(providers, "GET", f"/plans/{plan_id}")()).json()
    assert (plan["status"], len(plan["plan"]["prices"])) == ("archived", 2)
