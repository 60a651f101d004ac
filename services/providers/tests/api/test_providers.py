"""`/providers` over HTTP."""

from typing import Any

import pytest
from services.providers.tests.making import employee_of, provider

from florin_chassis.testing.harness import Harness
from florin_contracts.permissions import Permission
from florin_contracts.providers import ProviderChanged, ProviderCreated

NEW = {"name": "N-1", "slug": "n-1", "currency": "RUB", "time_zone": "Europe/Moscow"}


def administrator(providers: Harness) -> dict[str, str]:
    return providers.signed_in(
        Permission.PROVIDERS_READ, Permission.PROVIDERS_WRITE, everywhere=True
    )


async def test_a_created_provider_is_stated_with_its_whole_state(providers: Harness) -> None:
    answer = await providers.http.post("/providers", json=NEW, headers=administrator(providers))
    assert answer.status_code == 201, answer.text
    assert answer.headers["ETag"] == '"1"'
    (event,) = await providers.stated(ProviderCreated)
    assert event["data"] == answer.json()
    assert event["envelope"]["sequence"] == 1


async def test_a_slug_that_is_taken_is_refused_and_leaves_nothing(providers: Harness) -> None:
    headers = administrator(providers)
    await providers.http.post("/providers", json=NEW, headers=headers)
    answer = await providers.http.post("/providers", json=NEW, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (409, "slug_taken")
    assert len(await providers.stated()) == 1


async def test_an_employee_of_one_provider_does_not_see_another(providers: Harness) -> None:
    created = await providers.http.post("/providers", json=NEW, headers=administrator(providers))
    foreign = providers.signed_in(
        Permission.PROVIDERS_READ, reach={"provider": ["01900000-0000-7000-8000-000000000000"]}
    )
    answer = await providers.http.get(f"/providers/{created.json()['id']}", headers=foreign)
    assert answer.status_code == 404
    listed: dict[str, Any] = (await providers.http.get("/providers", headers=foreign)).json()
    assert listed["data"] == []


async def test_the_same_key_and_body_get_the_same_answer_and_one_effect(
    providers: Harness,
) -> None:
    headers = administrator(providers) | {"Idempotency-Key": "once"}
    answers = [await providers.http.post("/providers", json=NEW, headers=headers) for _ in "12"]
    assert answers[0].content == answers[1].content
    assert [a.headers.get("Idempotency-Replayed") for a in answers] == [None, "true"]
    assert len(await providers.stated()) == 1


async def test_an_unknown_currency_is_named(providers: Harness) -> None:
    answer = await providers.http.post(
        "/providers", json=NEW | {"currency": "XXX"}, headers=administrator(providers)
    )
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == "currency"


@pytest.mark.parametrize(
    "time_zone", ["Mars/Olympus", "../../etc/passwd", "localtime", "Factory", "europe/moscow"]
)
async def test_what_is_no_time_zone_is_refused_by_field(providers: Harness, time_zone: str) -> None:
    answer = await providers.http.post(
        "/providers", json=NEW | {"time_zone": time_zone}, headers=administrator(providers)
    )
    assert answer.status_code == 422
    assert [error["field"] for error in answer.json()["errors"]] == ["time_zone"]
    assert await providers.stated() == []


async def test_a_changed_provider_is_stated_with_its_whole_state(providers: Harness) -> None:
    created = await provider(providers)
    changes = {"name": "N", "registration_open": False, "employees_need_second_factor": True}
    path = f"/providers/{created['id']}"
    answer = await providers.http.patch(path, json=changes, headers=administrator(providers))
    assert (answer.json(), answer.headers["ETag"]) == (created | changes, '"2"')
    (event,) = await providers.stated(ProviderChanged)
    assert event["data"] == answer.json()
    again = await providers.http.patch(path, json=changes, headers=administrator(providers))
    assert again.headers["ETag"] == '"2"'


async def test_a_provider_is_changed_by_who_works_for_it_and_has_read_it(
    providers: Harness,
) -> None:
    own, other = [(await provider(providers, slug=slug))["id"] for slug in ("a", "b")]
    headers = employee_of(providers, own)
    answers = [
        await providers.http.patch(f"/providers/{id_}", json={"name": "x"}, headers=headers)
        for id_ in (own, other)
    ]
    assert [answer.status_code for answer in answers] == [200, 404]
    stale = await providers.http.patch(
        f"/providers/{own}", json={"name": "y"}, headers=headers | {"If-Match": '"1"'}
    )
    assert stale.status_code == 412


async def test_a_provider_s_currency_is_no_setting_among_others(providers: Harness) -> None:
    path = f"/providers/{(await provider(providers))['id']}"
    body = {"currency": "EUR"}
    answer = await providers.http.patch(path, json=body, headers=administrator(providers))
    assert [error["field"] for error in answer.json()["errors"]] == ["currency"]
