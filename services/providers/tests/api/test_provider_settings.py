"""What a provider says of itself, its currency, and its end, over HTTP."""

from typing import Any

import pytest
from httpx import Response
from services.providers.tests.making import (
    NOBODY,
    PROVIDER,
    administrator,
    company,
    employee_of,
    provider,
)

from florin_chassis.testing.harness import Harness
from florin_contracts.providers import (
    ProviderArchived,
    ProviderChanged,
    ProviderCurrencyChanged,
)

SETTINGS = {
    "locale": "ru-RU",
    "notification_email": "billing@n-1.example",
    "support_email": "help@n-1.example",
    "site_url": "https://n-1.example/",
    "billing_url": "https://my.n-1.example/",
    "help_url": "https://n-1.example/help",
    "registration": {
        "countries_allowed": ["RU", "KZ"],
        "countries_refused": [],
        "terms_url": "https://n-1.example/terms",
        "verified_email": True,
    },
}


async def patch(providers: Harness, id_: str, changes: dict[str, Any]) -> Response:
    return await providers.http.patch(
        f"/providers/{id_}", json=changes, headers=administrator(providers)
    )


async def test_a_provider_says_where_it_is_found_and_who_may_register(providers: Harness) -> None:
    created = await provider(providers, **SETTINGS)
    assert created | SETTINGS == created
    plain = await provider(providers, slug="plain")
    answer = await patch(providers, plain["id"], SETTINGS | {"time_zone": "Asia/Almaty"})
    assert answer.json() == plain | SETTINGS | {"time_zone": "Asia/Almaty"}
    (event,) = await providers.stated(ProviderChanged)
    assert event["data"] == answer.json()


async def test_support_is_asked_where_notices_come_from_unless_it_has_an_address_of_its_own(
    providers: Harness,
) -> None:
    made = await provider(providers, notification_email="billing@n-1.example")
    assert made["support_email"] == "billing@n-1.example"
    own = await patch(providers, made["id"], {"support_email": "help@n-1.example"})
    assert own.json()["support_email"] == "help@n-1.example"
    again = await patch(providers, made["id"], {"support_email": None})
    assert again.json()["support_email"] == "billing@n-1.example"
    none = await patch(providers, made["id"], {"notification_email": None, "name": None})
    assert (none.json()["support_email"], none.json()["name"]) == (None, "N-1")


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"site_url": "http://n-1.example/"}, "site_url"),
        ({"help_url": "javascript:alert(1)"}, "help_url"),
        ({"billing_url": "https://user:secret@n-1.example/"}, "billing_url"),
        ({"site_url": "https://"}, "site_url"),
        ({"site_url": "https://n-1.example/" + "x" * 500}, "site_url"),
        ({"locale": "tlh"}, "locale"),
        ({"locale": "ru_RU"}, "locale"),
        ({"locale": "RU-ru"}, "locale"),
        ({"notification_email": "nobody"}, "notification_email"),
        ({"registration": {"countries_allowed": ["XX"]}}, "registration.countries_allowed.0"),
        ({"registration": {"countries_refused": ["RU", "RU"]}}, "registration.countries_refused"),
        (
            {"registration": {"countries_allowed": ["RU"], "countries_refused": ["KP"]}},
            "registration",
        ),
        ({"registration": {"terms_url": "ftp://n-1.example/"}}, "registration.terms_url"),
    ],
)
async def test_a_wrong_setting_is_refused_by_field(
    providers: Harness, changes: dict[str, Any], field: str
) -> None:
    answer = await providers.http.post(
        "/providers", json=PROVIDER | changes, headers=administrator(providers)
    )
    assert answer.status_code == 422
    assert [error["field"] for error in answer.json()["errors"]] == [field]
    assert await providers.stated() == []


async def put_currency(providers: Harness, id_: str, currency: str) -> Response:
    return await providers.http.put(
        f"/providers/{id_}/currency",
        json={"currency": currency},
        headers=administrator(providers),
    )


async def test_another_currency_is_stated_with_those_before_it(providers: Harness) -> None:
    made = await provider(providers)
    for currency in ("EUR", "EUR", "USD", "EUR"):
        answer = await put_currency(providers, made["id"], currency)
        assert answer.status_code == 200
    assert answer.json() == made | {"currency": "EUR", "previous_currencies": ["RUB", "USD"]}
    events = [event["data"] for event in await providers.stated(ProviderCurrencyChanged)]
    assert [(e["previous_currency"], e["currency"]) for e in events] == [
        ("RUB", "EUR"),
        ("EUR", "USD"),
        ("USD", "EUR"),
    ]
    unknown = await put_currency(providers, made["id"], "XXX")
    assert [error["field"] for error in unknown.json()["errors"]] == ["currency"]


async def delete(providers: Harness, id_: str) -> Response:
    return await providers.http.delete(f"/providers/{id_}", headers=administrator(providers))


async def test_a_provider_in_use_is_not_archived_and_its_uses_are_named(
    providers: Harness,
) -> None:
    seller = (await provider(providers))["id"]
    serving = (await company(providers, seller))["id"]
    headers = administrator(providers)
    product = await providers.http.post(
        "/products", json={"provider_id": seller, "name": "Hosting"}, headers=headers
    )
    employee = await providers.http.post(
        "/employees",
        json={"name": "Ann", "email": "ann@n-1.example", "provider_ids": [seller]},
        headers=headers,
    )
    answer = await delete(providers, seller)
    assert (answer.status_code, answer.json()["code"]) == (409, "provider_in_use")
    assert answer.json()["used_by"] == {
        "companies": [serving],
        "products": [product.json()["id"]],
        "employees": [employee.json()["id"]],
    }
    assert await providers.stated(ProviderArchived) == []


async def test_an_archived_provider_stays_to_be_read_and_nothing_begins_there(
    providers: Harness,
) -> None:
    seller = (await provider(providers))["id"]
    assert (await delete(providers, seller)).status_code == 204
    assert (await delete(providers, seller)).status_code == 204
    (event,) = await providers.stated(ProviderArchived)
    assert (event["data"]["archived"], event["data"]["registration_open"]) == (True, False)
    headers = administrator(providers)
    assert (await providers.http.get(f"/providers/{seller}", headers=headers)).status_code == 200
    new = {"name": "x", "country": "NL", "legal_status": "legal_entity", "provider_ids": [seller]}
    answers = [
        await patch(providers, seller, {"registration_open": True}),
        await put_currency(providers, seller, "EUR"),
        await providers.http.post("/companies", json=new, headers=headers),
        await providers.http.post(
            "/products", json={"provider_id": seller, "name": "x"}, headers=headers
        ),
        await providers.http.post(
            "/employees",
            json={"name": "x", "email": "x@n-1.example", "provider_ids": [seller]},
            headers=headers,
        ),
    ]
    assert {(a.status_code, a.json()["code"]) for a in answers} == {(409, "provider_archived")}


async def test_another_s_provider_is_neither_changed_nor_archived(providers: Harness) -> None:
    seller = (await provider(providers))["id"]
    foreign = employee_of(providers, NOBODY)
    answers = [
        await providers.http.delete(f"/providers/{seller}", headers=foreign),
        await providers.http.put(
            f"/providers/{seller}/currency", json={"currency": "EUR"}, headers=foreign
        ),
    ]
    assert [answer.status_code for answer in answers] == [404, 404]
