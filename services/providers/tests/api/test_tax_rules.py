"""`/tax-rules` and `/companies/{id}/taxes`: dated, explained, not edited once in use."""

from datetime import date, timedelta
from typing import Any

import pytest
from httpx import Response
from services.providers.tests.making import NOBODY, administrator, company, employee_of, provider

from florin_chassis.testing.harness import Harness
from florin_contracts.providers import (
    TaxRuleChanged,
    TaxRuleCreated,
    TaxRuleEnded,
    TaxRuleWithdrawn,
)
from florin_providers.models.tax_rule import last_day_begun

PAST = "2020-01-01"


def coming(days: int = 5) -> str:
    """A day that has begun nowhere."""
    return str(last_day_begun() + timedelta(days=days))


async def seller(providers: Harness, **changes: Any) -> str:
    return str((await company(providers, (await provider(providers, **changes))["id"]))["id"])


async def ask(
    providers: Harness, method: str, path: str, headers: Any = None, **body: Any
) -> Response:
    headers = headers or administrator(providers)
    return await providers.http.request(method, path, headers=headers, json=body or None)


async def rule(providers: Harness, company_id: str, **terms: Any) -> dict[str, Any]:
    body = {"tax": "VAT", "rate": "20", "valid_from": PAST} | terms
    answer = await ask(providers, "POST", "/tax-rules", company_id=company_id, **body)
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


async def taxes(providers: Harness, company_id: str, **query: Any) -> dict[str, Any]:
    asked = {"country": "DE", "payer_type": "individual", "at": "2026-06-01"} | query
    answer = await providers.http.get(
        f"/companies/{company_id}/taxes", params=asked, headers=administrator(providers)
    )
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def refusal(answer: Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


async def test_a_rule_is_stated_with_its_whole_state(providers: Harness) -> None:
    created = await rule(providers, await seller(providers), rate="7.50", country="DE")
    (event,) = await providers.stated(TaxRuleCreated)
    assert event["data"] == created
    assert (created["rate"], created["kind"], created["withdrawn"]) == ("7.5", "taxed", False)
    again = await ask(providers, "GET", f"/tax-rules/{created['id']}")
    assert (again.json(), again.headers["ETag"]) == (created, '"1"')


async def test_the_most_specific_rule_applies_and_every_other_says_why_not(
    providers: Harness,
) -> None:
    own = await seller(providers)
    general = await rule(providers, own)
    german = await rule(providers, own, country="DE", rate="19")
    french = await rule(providers, own, country="FR", rate="5.5")
    found = await taxes(providers, own)
    assert [r["id"] for r in found["applying"]] == [german["id"]]
    assert found["rate"] == "19"
    assert {weighed["rule_id"]: weighed["reason"] for weighed in found["rules"]} == {
        general["id"]: f"rule {german['id']} is more specific",
        german["id"]: None,
        french["id"]: "country is DE, not FR",
    }
    assert found["worked_out"] is None


async def test_several_taxes_add_up_and_an_amount_is_worked_out(providers: Harness) -> None:
    own = await seller(providers)
    canada = {"country": "CA", "valid_from": PAST}
    await rule(providers, own, tax="GST", rate="5", **canada)
    await rule(providers, own, tax="QST", rate="9.975", region="CA-QC", **canada)
    there = {"country": "CA", "region": "CA-QC", "amount": "100.00", "currency": "CAD"}
    found = await taxes(providers, own, **there)
    assert found["rate"] == "14.975"
    worked = found["worked_out"]
    assert [(p["tax"], p["amount"]["amount"]) for p in worked["parts"]] == [
        ("GST", "5.00"),
        ("QST", "9.98"),
    ]
    assert {name: worked[name]["amount"] for name in ("net", "tax", "gross")} == {
        "net": "100.00",
        "tax": "14.98",
        "gross": "114.98",
    }
    elsewhere = await taxes(providers, own, country="CA", region="CA-ON")
    assert elsewhere["rate"] == "5"


async def test_tax_is_rounded_where_the_company_rounds_unless_the_question_says_where(
    providers: Harness,
) -> None:
    """Two taxes of half a cent each: a cent each where the rates are rounded, one together."""
    provider_id = (await provider(providers))["id"]
    own = (await company(providers, provider_id, rounding="document"))["id"]
    for tax in ("GST", "PST"):
        await rule(providers, own, tax=tax, rate="5")
    asked = {"amount": "0.10", "currency": "CAD"}

    async def tax_of(**query: str) -> str:
        worked = (await taxes(providers, own, **asked, **query))["worked_out"]
        return str(worked["tax"]["amount"])

    assert await tax_of() == "0.01"
    assert await tax_of(rounding_point="tax_rate") == "0.02"
    answer = await ask(providers, "PATCH", f"/companies/{own}", rounding="line")
    assert answer.status_code == 200, answer.text
    assert (await tax_of(), await tax_of(rounding_point="document")) == ("0.02", "0.01")


async def test_a_company_that_issues_no_more_documents_charges_no_new_tax(
    providers: Harness,
) -> None:
    provider_id = (await provider(providers))["id"]
    own = (await company(providers, provider_id))["id"]
    await ask(providers, "DELETE", f"/companies/{own}/providers/{provider_id}")
    assert (await ask(providers, "DELETE", f"/companies/{own}")).status_code == 204
    body = {"company_id": own, "tax": "VAT", "rate": "20", "valid_from": PAST}
    answer = await ask(providers, "POST", "/tax-rules", **body)
    assert refusal(answer) == (409, "company_archived")
    assert await providers.stated(TaxRuleCreated) == []


async def test_a_price_that_has_its_tax_in_it_is_taken_apart(providers: Harness) -> None:
    own = await seller(providers)
    await rule(providers, own, inclusive=True)
    worked = (await taxes(providers, own, amount="100", currency="JPY"))["worked_out"]
    assert {name: worked[name]["amount"] for name in ("net", "tax", "gross")} == {
        "net": "83",
        "tax": "17",
        "gross": "100",
    }


async def test_nothing_is_charged_for_a_reason(providers: Harness) -> None:
    own = await seller(providers)
    await rule(providers, own)
    excused = {"kind": "reverse_charge", "rate": "0", "reason_code": "VATEX-EU-AE"}
    await rule(providers, own, payer_type="legal_entity", **excused)
    found = await taxes(providers, own, payer_type="legal_entity", amount="10.00", currency="EUR")
    (part,) = found["worked_out"]["parts"]
    assert (part["reason_code"], part["amount"]["amount"]) == ("VATEX-EU-AE", "0.00")
    assert (await taxes(providers, own))["rate"] == "20"


async def test_a_rule_that_says_of_the_same_is_refused_with_the_others_id(
    providers: Harness,
) -> None:
    own = await seller(providers)
    first = await rule(providers, own, country="DE", valid_until="2026-01-01")
    await rule(providers, own, country="DE", valid_from="2026-01-01")
    terms = {"company_id": own, "rate": "7", "country": "DE", "valid_from": "2025-12-31"}
    for tax in ("VAT", "vat"):
        body = terms | {"tax": tax, "valid_until": "2026-01-01"}
        answer = await ask(providers, "POST", "/tax-rules", **body)
        assert refusal(answer) == (409, "tax_rules_overlap")
        assert answer.json()["rule_id"] == first["id"]
    await rule(providers, own, country="DE", tax_category="books", valid_from="2025-12-31")
    await rule(providers, await seller(providers, slug="b"), country="DE")


async def test_a_rule_whose_day_has_come_is_only_ended_on_a_day_that_has_not(
    providers: Harness,
) -> None:
    used = f"/tax-rules/{(await rule(providers, await seller(providers)))['id']}"
    terms = {"tax": "VAT", "rate": "21", "valid_from": PAST}
    refused = [await ask(providers, "PUT", used, **terms), await ask(providers, "DELETE", used)]
    assert {refusal(answer) for answer in refused} == {(409, "tax_rule_in_use")}
    for day in (PAST, "2024-01-01", str(last_day_begun())):
        early = await ask(providers, "POST", f"{used}/end", valid_until=day)
        assert refusal(early) == (409, "tax_day_has_begun")
    ended = await ask(providers, "POST", f"{used}/end", valid_until=coming())
    assert (ended.status_code, ended.json()["valid_until"]) == (200, coming())
    (event,) = await providers.stated(TaxRuleEnded)
    assert event["data"] == ended.json()
    reopened = await ask(providers, "POST", f"{used}/end", valid_until=None)
    assert reopened.json()["valid_until"] is None


async def test_an_end_that_has_come_stays(providers: Harness) -> None:
    over = await rule(providers, await seller(providers), valid_until="2021-01-01")
    answer = await ask(providers, "POST", f"/tax-rules/{over['id']}/end", valid_until=coming())
    assert refusal(answer) == (409, "tax_rule_ended")


async def test_an_end_is_not_moved_into_another_rule(providers: Harness) -> None:
    own = await seller(providers)
    first = await rule(providers, own, valid_until=coming(5))
    second = await rule(providers, own, valid_from=coming(5))
    answer = await ask(providers, "POST", f"/tax-rules/{first['id']}/end", valid_until=coming(6))
    assert refusal(answer) == (409, "tax_rules_overlap")
    assert answer.json()["rule_id"] == second["id"]


async def test_before_its_first_day_a_rule_is_changed_or_withdrawn(providers: Harness) -> None:
    own = await seller(providers)
    path = f"/tax-rules/{(await rule(providers, own, valid_from=coming()))['id']}"
    terms = {"tax": "VAT", "rate": "21", "valid_from": coming(6)}
    changed = await ask(providers, "PUT", path, **terms)
    assert (changed.status_code, changed.json()["rate"]) == (200, "21")
    assert [e["data"] for e in await providers.stated(TaxRuleChanged)] == [changed.json()]
    stale = await ask(providers, "DELETE", path, administrator(providers) | {"If-Match": '"1"'})
    assert refusal(stale) == (412, "version_mismatch")
    assert (await ask(providers, "DELETE", path)).status_code == 204
    assert len(await providers.stated(TaxRuleWithdrawn)) == 1
    again = [await ask(providers, "DELETE", path), await ask(providers, "PUT", path, **terms)]
    assert {refusal(answer) for answer in again} == {(409, "tax_rule_withdrawn")}
    assert (await ask(providers, "GET", path)).json()["withdrawn"] is True
    await rule(providers, own, valid_from=coming(6))
    listed = await ask(providers, "GET", f"/tax-rules?company_id={own}")
    assert len(listed.json()["data"]) == 1


async def test_rules_are_listed_by_company_and_day(providers: Harness) -> None:
    own, other = await seller(providers), await seller(providers, slug="b")
    old = await rule(providers, own, valid_until="2021-01-01")
    new = await rule(providers, own, valid_from="2021-01-01")
    await rule(providers, other)
    for query, expected in (("", [old, new]), ("&on=2020-12-31", [old]), ("&on=2021-01-01", [new])):
        listed = await ask(providers, "GET", f"/tax-rules?company_id={own}{query}")
        assert listed.json()["data"] == expected
    assert len((await ask(providers, "GET", "/tax-rules")).json()["data"]) == 3


async def test_nobody_sees_or_sets_the_taxes_of_anothers_company(providers: Harness) -> None:
    mine = (await provider(providers, slug="mine"))["id"]
    theirs = await rule(providers, await seller(providers))
    headers = employee_of(providers, mine)
    assert (await ask(providers, "GET", "/tax-rules", headers)).json()["data"] == []
    paths = (f"/tax-rules/{theirs['id']}", f"/companies/{theirs['company_id']}/taxes")
    query = "?country=DE&payer_type=individual"
    answers = [await ask(providers, "GET", path + query, headers) for path in paths]
    body = {"company_id": theirs["company_id"], "tax": "X", "rate": "1", "valid_from": PAST}
    answers.append(await ask(providers, "POST", "/tax-rules", headers, **body))
    answers.append(await ask(providers, "DELETE", paths[0], headers))
    assert {refusal(answer) for answer in answers} == {(404, "not_found")}


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"country": "XX"}, "country"),
        ({"country": "US", "region": "US-XX"}, "region"),
        ({"country": "CA", "region": "US-CA"}, "body"),
        ({"region": "US-CA"}, "body"),
        ({"rate": "100.01"}, "rate"),
        ({"rate": "-1"}, "rate"),
        ({"rate": 20}, "rate"),
        ({"rate": "1e1"}, "rate"),
        ({"rate": "0"}, "body"),
        ({"kind": "exempt"}, "body"),
        ({"kind": "exempt", "rate": "0"}, "body"),
        ({"kind": "zero_rated"}, "body"),
        ({"reason": "why not"}, "body"),
        ({"valid_until": PAST}, "body"),
        ({"valid_from": "2026-02-30"}, "valid_from"),
        ({"valid_from": "0001-01-01"}, "valid_from"),
        ({"tax": " "}, "tax"),
        ({"tax_category": "a b"}, "tax_category"),
        ({"company_id": NOBODY[:-1]}, "company_id"),
        ({"withdrawn": True}, "withdrawn"),
    ],
)
async def test_a_malformed_rule_is_refused_by_field(
    providers: Harness, changes: dict[str, Any], field: str
) -> None:
    body = {"company_id": NOBODY, "tax": "VAT", "rate": "20", "valid_from": PAST} | changes
    answer = await ask(providers, "POST", "/tax-rules", **body)
    assert answer.status_code == 422
    assert [error["field"] for error in answer.json()["errors"]] == [field]


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"country": "XX"}, "country"),
        ({"region": "US-CA"}, "region"),
        ({"payer_type": "guild"}, "payer_type"),
        ({"at": "yesterday"}, "at"),
        ({"amount": "1.00"}, "currency"),
        ({"amount": "1.001", "currency": "EUR"}, "amount"),
        ({"amount": "9" * 13, "currency": "EUR"}, "amount"),
        ({"amount": "1", "currency": "EUX"}, "currency"),
    ],
)
async def test_a_malformed_question_is_refused_by_field(
    providers: Harness, query: dict[str, str], field: str
) -> None:
    asked = {"country": "DE", "payer_type": "individual"} | query
    answer = await providers.http.get(
        f"/companies/{NOBODY}/taxes", params=asked, headers=administrator(providers)
    )
    assert answer.status_code == 422
    assert [e["field"].removeprefix("query.") for e in answer.json()["errors"]] == [field]


def test_the_last_day_that_has_begun_is_never_behind_any_zone() -> None:
    assert last_day_begun() >= date.today()  # noqa: DTZ011 - wherever this runs
