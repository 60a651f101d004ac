"""`/companies` over HTTP."""

import pytest
from services.providers.tests.making import (
    NOBODY,
    administrator,
    company,
    employee_of,
    new_company,
    provider,
)

from florin_chassis.testing.harness import Harness
from florin_contracts.providers import CompanyCreated


async def test_a_created_company_is_stated_with_its_whole_state(providers: Harness) -> None:
    seller = (await provider(providers))["id"]
    created = await company(providers, seller)
    assert created | new_company(seller) == created
    (event,) = await providers.stated(CompanyCreated)
    assert event["data"] == created
    answer = await providers.http.get(
        f"/companies/{created['id']}", headers=administrator(providers)
    )
    assert (answer.json(), answer.headers["ETag"]) == (created, '"1"')


async def test_an_employee_sees_the_companies_that_serve_one_of_its_providers(
    providers: Harness,
) -> None:
    first, second, third = [(await provider(providers, slug=s))["id"] for s in ("a", "b", "c")]
    shared = (await company(providers, first, second))["id"]
    foreign = (await company(providers, third))["id"]
    headers = employee_of(providers, second)
    listed = (await providers.http.get("/companies", headers=headers)).json()
    assert [found["id"] for found in listed["data"]] == [shared]
    answers = [
        await providers.http.get(f"/companies/{c}", headers=headers) for c in (shared, foreign)
    ]
    assert [answer.status_code for answer in answers] == [200, 404]


async def test_a_client_sees_no_company(providers: Harness) -> None:
    seller = (await provider(providers))["id"]
    made = (await company(providers, seller))["id"]
    headers = providers.signed_in("companies:read", reach={"client": [NOBODY]})
    assert (await providers.http.get("/companies", headers=headers)).json()["data"] == []
    assert (await providers.http.get(f"/companies/{made}", headers=headers)).status_code == 404


async def test_a_company_cannot_be_made_for_a_provider_that_the_employee_does_not_work_for(
    providers: Harness,
) -> None:
    own, other = [(await provider(providers, slug=slug))["id"] for slug in ("a", "b")]
    headers = employee_of(providers, own)
    for provider_ids in ([own, other], [own, NOBODY]):
        answer = await providers.http.post(
            "/companies", json=new_company(*provider_ids), headers=headers
        )
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
    assert await providers.stated(CompanyCreated) == []


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"provider_ids": []}, "provider_ids"),
        ({"provider_ids": [NOBODY, NOBODY]}, "provider_ids"),
        ({"country": "RUS"}, "country"),
        ({"legal_status": "guild"}, "legal_status"),
        ({"name": ""}, "name"),
    ],
)
async def test_a_malformed_company_is_refused_by_field(
    providers: Harness, changes: dict[str, object], field: str
) -> None:
    answer = await providers.http.post(
        "/companies", json=new_company(NOBODY) | changes, headers=administrator(providers)
    )
    assert answer.status_code == 422
    assert [error["field"] for error in answer.json()["errors"]] == [field]
