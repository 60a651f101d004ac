"""Bad bodies through the gateway: an answer that names what is wrong, and nothing left behind."""

from typing import Any

import httpx
import pytest
from tests.e2e.answers import problem, write, wrong_fields

from florin_local.demo.api import Json
from florin_local.demo.tale import Tale, money, new_password

pytestmark = pytest.mark.usefixtures("nothing_is_left_behind")


def provider(tale: Tale, **changed: Any) -> Json:
    slug = f"bad-{tale.suffix}"
    return {"name": "Bad", "slug": slug, "currency": "RUB", "time_zone": "UTC"} | changed


def payment(invoice: Json, amount: str) -> Json:
    return {"invoice_id": invoice["id"], "amount": money(amount, "RUB"), "method": "manual"}


def test_an_unknown_currency_is_refused(http: httpx.Client, tale: Tale) -> None:
    body = provider(tale, currency="RUR")
    answer = write(http, tale.administrator.token(), "/providers", json=body)
    assert wrong_fields(answer) == ["currency"]
    assert "RUR" in answer.json()["detail"]


@pytest.mark.parametrize("amount", ["-1.00", "0.00"])
def test_an_amount_that_is_not_positive_is_refused(
    http: httpx.Client, tale: Tale, open_invoice: Json, amount: str
) -> None:
    body = payment(open_invoice, amount)
    answer = write(http, tale.administrator.token(), "/payments", json=body)
    assert wrong_fields(answer) == ["amount"]


def test_an_amount_with_more_decimals_than_its_currency_is_refused(
    http: httpx.Client, tale: Tale, open_invoice: Json
) -> None:
    body = payment(open_invoice, "1.001")
    answer = write(http, tale.administrator.token(), "/payments", json=body)
    assert wrong_fields(answer) == ["amount"]
    assert "decimals" in answer.json()["detail"]


def test_an_email_that_is_taken_is_refused(http: httpx.Client, tale: Tale) -> None:
    body = {
        "name": "Second",
        "email": tale.client.email.upper(),
        "password": new_password(),
        "provider_id": tale.providers["N-1"]["id"],
        "country": "RU",
    }
    problem(http.post("/registrations", json=body), 409, "email_taken")


def test_a_body_that_is_no_json_is_refused(http: httpx.Client, tale: Tale) -> None:
    json_type = {"Content-Type": "application/json"}
    token = tale.administrator.token()
    answer = write(http, token, "/providers", content=b'{"name": "Bad', headers=json_type)
    problem(answer, 422, "malformed")


def test_five_megabytes_of_json_are_refused(http: httpx.Client, tale: Tale) -> None:
    body = provider(tale, name="n" * 5_000_000)
    answer = write(http, tale.administrator.token(), "/providers", json=body)
    problem(answer, 413, "too_large")


def test_a_value_of_the_wrong_type_is_refused(http: httpx.Client, tale: Tale) -> None:
    body = provider(tale, name=["Bad"])
    answer = write(http, tale.administrator.token(), "/providers", json=body)
    assert wrong_fields(answer) == ["name"]


def test_an_unknown_field_is_refused(http: httpx.Client, tale: Tale) -> None:
    body = provider(tale, colour="red")
    answer = write(http, tale.administrator.token(), "/providers", json=body)
    assert wrong_fields(answer) == ["colour"]
