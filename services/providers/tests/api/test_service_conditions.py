"""`/providers/{id}/service-conditions` and the dry run over HTTP."""

from typing import Any

import pytest
from httpx import Response
from services.providers.tests.making import (
    NOBODY,
    administrator,
    company,
    employee_of,
    provider,
)

from florin_chassis.testing.harness import Harness
from florin_contracts.party import PayerType
from florin_contracts.providers import ProviderState, ServiceConditionsChanged


async def put(
    providers: Harness, provider_id: str, *conditions: dict[str, Any], **headers: str
) -> Response:
    return await providers.http.put(
        f"/providers/{provider_id}/service-conditions",
        json={"conditions": conditions},
        headers=administrator(providers) | headers,
    )


async def choice(providers: Harness, provider_id: str, **payer: str) -> Response:
    return await providers.http.get(
        f"/providers/{provider_id}/company-choice", params=payer, headers=administrator(providers)
    )


async def test_replaced_conditions_are_stated_with_the_whole_provider(providers: Harness) -> None:
    seller = (await provider(providers))["id"]
    serving = (await company(providers, seller))["id"]
    answer = await put(providers, seller, {"company_id": serving, "country": "RU"})
    assert (answer.status_code, answer.headers["ETag"]) == (200, '"2"')
    (event,) = await providers.stated(ServiceConditionsChanged)
    warnings = answer.json()["warnings"]
    assert event["data"] | {"warnings": warnings} == answer.json()
    rule = {"company_id": serving, "country": "RU", "except_country": None, "payer_type": None}
    assert event["data"]["conditions"] == [rule | {"suspended": False}]
    assert {gap["payer_type"] for gap in warnings["gaps"]} == set(PayerType)
    assert {tuple(gap["except_countries"]) for gap in warnings["gaps"]} == {("RU",)}


async def test_the_dry_run_explains_each_rule_and_agrees_with_the_stated_provider(
    providers: Harness,
) -> None:
    seller = (await provider(providers))["id"]
    ru, eu = [(await company(providers, seller))["id"] for _ in "12"]
    stated = await put(
        providers,
        seller,
        {"company_id": ru, "country": "RU", "payer_type": "legal_entity"},
        {"company_id": eu, "except_country": "RU"},
    )
    answer = await choice(providers, seller, country="DE", payer_type="individual")
    assert answer.status_code == 200
    assert answer.json() == {
        "company_id": eu,
        "rules": [
            {"rule": 1, "company_id": ru, "matched": False, "reason": "country is DE, not RU"},
            {"rule": 2, "company_id": eu, "matched": True, "reason": None},
        ],
    }
    state = ProviderState.model_validate(stated.json())
    for country in ("DE", "RU"):
        for payer_type in ("individual", "legal_entity"):
            dry = await choice(providers, seller, country=country, payer_type=payer_type)
            company_id = state.company_for(country, payer_type)
            assert dry.json()["company_id"] == (str(company_id) if company_id else None)


async def test_without_conditions_no_company_serves_anybody(providers: Harness) -> None:
    seller = (await provider(providers))["id"]
    answer = await choice(providers, seller, country="DE", payer_type="individual")
    assert answer.json() == {"company_id": None, "rules": []}


async def test_a_company_of_another_provider_is_refused_and_nothing_changes(
    providers: Harness,
) -> None:
    seller = (await provider(providers))["id"]
    other = (await provider(providers, slug="n-2"))["id"]
    ours, theirs = [(await company(providers, p))["id"] for p in (seller, other)]
    answer = await put(providers, seller, {"company_id": ours}, {"company_id": theirs})
    problem = answer.json()
    assert (answer.status_code, problem["code"]) == (409, "company_does_not_serve_provider")
    assert (problem["rule"], problem["company_id"]) == (2, theirs)
    assert await providers.stated(ServiceConditionsChanged) == []


async def test_a_company_that_does_not_exist_is_refused_in_the_same_way(
    providers: Harness,
) -> None:
    seller = (await provider(providers))["id"]
    answer = await put(providers, seller, {"company_id": NOBODY})
    assert (answer.status_code, answer.json()["code"]) == (409, "company_does_not_serve_provider")


async def test_conditions_read_before_another_change_are_not_overwritten(
    providers: Harness,
) -> None:
    seller = (await provider(providers))["id"]
    serving = (await company(providers, seller))["id"]
    first = await put(providers, seller, {"company_id": serving}, **{"If-Match": '"1"'})
    assert first.status_code == 200
    second = await put(providers, seller, **{"If-Match": '"1"'})
    assert (second.status_code, second.json()["version"]) == (412, 2)


async def test_conditions_of_another_employees_provider_do_not_exist(providers: Harness) -> None:
    seller = (await provider(providers))["id"]
    other = (await provider(providers, slug="n-2"))["id"]
    foreign = employee_of(providers, other)
    path = f"/providers/{seller}"
    changed = await providers.http.put(
        f"{path}/service-conditions", json={"conditions": []}, headers=foreign
    )
    asked = await providers.http.get(
        f"{path}/company-choice?country=RU&payer_type=individual", headers=foreign
    )
    assert (changed.status_code, asked.status_code) == (404, 404)


@pytest.mark.parametrize(
    ("condition", "field"),
    [
        ({"company_id": NOBODY, "country": "RU", "except_country": "RU"}, "conditions.0"),
        ({"company_id": NOBODY, "country": "Russia"}, "conditions.0.country"),
        ({"company_id": NOBODY, "payer_type": "ghost"}, "conditions.0.payer_type"),
        ({"company_id": NOBODY, "city": "Moscow"}, "conditions.0.city"),
    ],
    ids=["can never match", "no country", "no payer type", "unknown field"],
)
async def test_a_malformed_rule_is_named(
    providers: Harness, condition: dict[str, str], field: str
) -> None:
    seller = (await provider(providers))["id"]
    answer = await put(providers, seller, condition)
    assert answer.status_code == 422
    assert [error["field"] for error in answer.json()["errors"]] == [field]


async def test_a_dry_run_for_a_payer_that_cannot_be_names_the_field(providers: Harness) -> None:
    seller = (await provider(providers))["id"]
    answer = await choice(providers, seller, country="ru")
    assert answer.status_code == 422
    assert {error["field"] for error in answer.json()["errors"]} == {"country", "payer_type"}
