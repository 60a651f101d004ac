"""A company in full, its links, its numbers, its end, over HTTP."""

from typing import Any

import pytest
from httpx import Response
from services.providers.tests.making import (
    NOBODY,
    administrator,
    company,
    employee_of,
    new_company,
    provider,
)
from services.providers.tests.pictures import picture

from florin_chassis.testing.harness import Harness
from florin_contracts.providers import (
    CompanyArchived,
    CompanyChanged,
    CompanyCreated,
    CompanyLinksChanged,
    NumberingChanged,
    ServiceConditionsChanged,
    ServiceConditionsReevaluated,
)

FULL = {
    "full_name": "Первый хостинг",
    "registration": {"kpp": "773601001", "ogrn": "1027700132195"},
    "legal_address": {
        "lines": ["ул. Вавилова, 19"],
        "city": "Москва",
        "region": None,
        "postal_code": "117997",
        "country": "RU",
    },
    "contacts": [{"name": None, "role": "accounting", "email": "a@n-1.example", "phone": None}],
    "director": {"name": "И. Иванов", "position": "директор", "grounds": "устава"},
    "bank_accounts": [
        {
            "country": "RU",
            "currency": "RUB",
            "details": {"account": "40101810045250010041", "bank_code": "044525000"},
        }
    ],
    "document_language": "ru",
    "rounding": "document",
    "tax_regime": "simplified",
}


async def ask(providers: Harness, method: str, path: str, body: Any = None) -> Response:
    return await providers.http.request(method, path, json=body, headers=administrator(providers))


async def test_a_company_in_full_is_stated_as_it_was_set_up_or_changed(providers: Harness) -> None:
    seller = (await provider(providers))["id"]
    made = await company(providers, seller, **FULL)
    assert made | FULL == made
    plain = await company(providers, seller)
    answer = await ask(providers, "PATCH", f"/companies/{plain['id']}", FULL)
    assert answer.json() == plain | FULL
    (event,) = await providers.stated(CompanyChanged)
    assert event["data"] == answer.json()


@pytest.mark.parametrize(
    ("changes", "field", "code"),
    [
        ({"tax_number": "7707083894"}, "tax_number", "checksum"),
        ({"tax_number": None}, "tax_number", "missing"),
        ({"registration": {"ogrn": "1027700132196"}}, "registration.ogrn", "checksum"),
        ({"registration": {"siren": "552008443"}}, "registration.siren", "unexpected"),
        ({"tax_regime": "feudal"}, "tax_regime", "unknown"),
        (
            {
                "bank_accounts": [
                    {
                        "country": "DE",
                        "currency": "EUR",
                        "details": {"account": "DE88370400440532013000"},
                    }
                ]
            },
            "bank_accounts.0.details.account",
            "checksum",
        ),
    ],
)
async def test_a_wrong_number_is_refused_by_field_and_check(
    providers: Harness, changes: dict[str, Any], field: str, code: str
) -> None:
    seller = (await provider(providers))["id"]
    body = new_company(seller) | changes
    answer = await ask(providers, "POST", "/companies", body)
    assert answer.status_code == 422
    assert [(e["field"], e["code"]) for e in answer.json()["errors"]] == [(field, code)]
    made = await company(providers, seller)
    changed = await ask(providers, "PATCH", f"/companies/{made['id']}", changes)
    assert changed.json()["errors"] == answer.json()["errors"]
    assert await providers.stated(CompanyChanged) == []
    assert len(await providers.stated(CompanyCreated)) == 1


@pytest.mark.parametrize(("name", "value"), [("legal_status", "sole_trader"), ("country", "DE")])
async def test_legal_status_and_country_never_change_and_the_refusal_says_what_to_do(
    providers: Harness, name: str, value: str
) -> None:
    seller = (await provider(providers))["id"]
    made = await company(providers, seller)
    answer = await ask(providers, "PATCH", f"/companies/{made['id']}", {name: value})
    assert (answer.status_code, answer.json()["code"]) == (409, "set_at_setup")
    assert "make a new company" in answer.json()["detail"]
    same = await ask(providers, "PATCH", f"/companies/{made['id']}", {name: made[name]})
    assert same.status_code == 200


async def test_a_country_that_there_is_not_is_refused(providers: Harness) -> None:
    address = {"lines": ["1"], "city": "x", "country": "ZZ"}
    for changes in ({"country": "XX"}, {"legal_address": address}):
        answer = await ask(providers, "POST", "/companies", new_company(NOBODY) | changes)
        assert answer.status_code == 422


async def test_a_suspended_company_is_chosen_by_no_condition_until_it_is_resumed(
    providers: Harness,
) -> None:
    seller = (await provider(providers))["id"]
    ru, other = [(await company(providers, seller))["id"] for _ in "12"]
    conditions = f"/providers/{seller}/service-conditions"
    rules = {"conditions": [{"company_id": ru, "country": "RU"}, {"company_id": other}]}
    await ask(providers, "PUT", conditions, rules)
    link = f"/companies/{ru}/providers/{seller}"
    rested = (await ask(providers, "POST", f"{link}/suspend")).json()
    assert (rested["provider_ids"], rested["suspended_provider_ids"]) == ([], [seller])
    choice = f"/providers/{seller}/company-choice?country=RU&payer_type=individual"
    chosen = (await ask(providers, "GET", choice)).json()
    assert (chosen["company_id"], chosen["rules"][0]["reason"]) == (
        other,
        "the company's link to the provider is suspended",
    )
    warned = (await ask(providers, "GET", conditions)).json()["warnings"]
    assert warned == {
        "in_vain": [{"rule": 1, "suspended": True, "covered_by": []}],
        "gaps": [],
    }
    again = (await ask(providers, "PUT", conditions, rules)).json()
    assert [rule["suspended"] for rule in again["conditions"]] == [True, False]
    await ask(providers, "POST", f"{link}/resume")
    assert (await ask(providers, "GET", choice)).json()["company_id"] == ru
    assert len(await providers.stated(CompanyLinksChanged)) == 2
    assert len(await providers.stated(ServiceConditionsChanged)) == 4
    seen = await providers.http.get(f"/companies/{ru}", headers=employee_of(providers, seller))
    assert seen.status_code == 200


async def test_a_company_that_conditions_name_is_not_unlinked_and_a_linked_one_not_archived(
    providers: Harness,
) -> None:
    seller = (await provider(providers))["id"]
    made = (await company(providers, seller))["id"]
    conditions = f"/providers/{seller}/service-conditions"
    await ask(providers, "PUT", conditions, {"conditions": [{"company_id": made}]})
    link = f"/companies/{made}/providers/{seller}"
    for path in (link, f"/companies/{made}"):
        refused = await ask(providers, "DELETE", path)
        assert (refused.status_code, refused.json()["code"]) == (409, "company_in_use")
        assert refused.json()["used_by"] == {"providers": [seller]}
    await ask(providers, "PUT", conditions, {"conditions": []})
    assert (await ask(providers, "DELETE", link)).status_code == 204
    assert (await ask(providers, "DELETE", f"/companies/{made}")).status_code == 204
    (event,) = await providers.stated(CompanyArchived)
    assert (event["data"]["archived"], event["data"]["provider_ids"]) == (True, [])
    for answer in (
        await ask(providers, "PUT", link),
        await ask(providers, "PATCH", f"/companies/{made}", {"name": "x"}),
    ):
        assert (answer.status_code, answer.json()["code"]) == (409, "company_archived")


async def test_another_s_company_is_neither_changed_linked_nor_archived(
    providers: Harness,
) -> None:
    own, other = [(await provider(providers, slug=slug))["id"] for slug in ("a", "b")]
    theirs, ours = [(await company(providers, p))["id"] for p in (other, own)]
    headers = employee_of(providers, own)
    asked: list[tuple[str, str, Any]] = [
        ("PATCH", f"/companies/{theirs}", {"name": "x"}),
        ("DELETE", f"/companies/{theirs}", None),
        ("PUT", f"/companies/{theirs}/providers/{own}", None),
        ("PUT", f"/companies/{ours}/providers/{other}", None),
        ("POST", f"/companies/{theirs}/providers/{other}/suspend", None),
        ("DELETE", f"/companies/{theirs}/providers/{other}", None),
        ("PUT", f"/companies/{theirs}/numbering", {"templates": []}),
        ("GET", f"/companies/{theirs}/pictures/stamp", None),
    ]
    for method, path, body in asked:
        answer = await providers.http.request(method, path, json=body, headers=headers)
        assert answer.status_code == 404, (method, path)


async def test_numbering_is_stated_and_shown_before_a_number_is_taken(providers: Harness) -> None:
    seller = (await provider(providers))["id"]
    made = (await company(providers, seller))["id"]
    path = f"/companies/{made}/numbering"
    template = {
        "document_type": "invoice",
        "period": "month",
        "template": "{prefix}{year}{month}-{number:3}",
    }
    answer = await ask(providers, "PUT", path, {"prefix": "N", "templates": [template]})
    assert answer.status_code == 200, answer.text
    (event,) = await providers.stated(NumberingChanged)
    assert (event["data"]["numbering"], event["data"]["document_prefix"]) == ([template], "N")
    days = "day=2026-12-31&day=2027-01-01&first=9"
    shown = await ask(providers, "GET", f"{path}/preview?document_type=invoice&{days}")
    assert shown.json()["data"] == [
        {"date": "2026-12-31", "numbers": ["N202612-009", "N202612-010"]},
        {"date": "2027-01-01", "numbers": ["N202701-001", "N202701-002"]},
    ]
    default = await ask(providers, "GET", f"{path}/preview?document_type=act&day=2026-12-31")
    assert default.json()["data"][0]["numbers"][0] == "ACT-2026-000001"


@pytest.mark.parametrize(
    ("text", "period", "code"),
    [
        ("{number}", "year", "numbers_would_repeat"),
        ("ACT-{year}-{number}", "year", "numbers_would_collide"),
        ("{nummer}", "none", "malformed"),
        ("{number} {year}", "year", "malformed"),
    ],
)
async def test_a_template_that_would_give_a_number_twice_is_refused(
    providers: Harness, text: str, period: str, code: str
) -> None:
    seller = (await provider(providers))["id"]
    made = (await company(providers, seller))["id"]
    template = {"document_type": "invoice", "period": period, "template": text}
    answer = await ask(providers, "PUT", f"/companies/{made}/numbering", {"templates": [template]})
    assert answer.json()["code"] == code
    assert await providers.stated(NumberingChanged) == []


async def test_a_stamp_is_shown_to_those_who_see_the_company(providers: Harness) -> None:
    seller = (await provider(providers))["id"]
    made = (await company(providers, seller))["id"]
    path = f"/companies/{made}/pictures/stamp"
    sent = await providers.http.put(path, content=picture(), headers=administrator(providers))
    assert sent.json()["stamp"]["path"] == path
    assert sent.headers["ETag"] == '"2"'
    shown = await providers.http.get(path, headers=administrator(providers))
    assert (shown.status_code, shown.headers["X-Content-Type-Options"]) == (200, "nosniff")
    unnamed = await ask(providers, "GET", f"/companies/{made}/pictures/icon")
    assert unnamed.status_code == 422


async def test_reevaluation_is_stated_and_counted(providers: Harness) -> None:
    seller = (await provider(providers))["id"]
    path = f"/providers/{seller}/service-conditions/reevaluate"
    assert [(await ask(providers, "POST", path)).json()["evaluation"] for _ in "12"] == [1, 2]
    assert len(await providers.stated(ServiceConditionsReevaluated)) == 2


async def test_packs_are_answered_so_that_a_form_can_be_drawn(providers: Harness) -> None:
    every = (await ask(providers, "GET", "/country-packs")).json()["packs"]
    assert {"RU", "DE", "KZ", None} <= {pack["country"] for pack in every}
    russia = (await ask(providers, "GET", "/country-packs/RU")).json()
    assert russia["fields"]["tax_number"]["label"] == {"en": "INN", "ru": "ИНН"}
    assert (await ask(providers, "GET", "/country-packs/NL")).json()["country"] is None
    assert (await ask(providers, "GET", "/country-packs/XX")).status_code == 422
