"""Whoever asks for what is another's gets and changes nothing."""

import httpx
import pytest
from tests.e2e.answers import problem, read, write

from florin_local.demo.api import Json
from florin_local.demo.tale import Tale

pytestmark = pytest.mark.usefixtures("nothing_is_left_behind")


def test_another_tenant_s_objects_do_not_exist(
    http: httpx.Client, tale: Tale, neighbour: Json
) -> None:
    token, theirs = tale.client.token(), neighbour["client_id"]
    for path in (
        f"/clients/{theirs}",
        f"/clients/{theirs}/users",
        f"/clients/{theirs}/overview",
        f"/payers/{neighbour['payer_id']}",
    ):
        assert theirs not in problem(read(http, token, path), 404, "not_found")["title"]
    for path in ("/payers", "/accounts", "/orders", "/invoices", "/payments", "/expenses"):
        assert read(http, token, path, client_id=theirs).json()["data"] == []


def test_nothing_is_made_for_another_tenant(
    http: httpx.Client, tale: Tale, neighbour: Json
) -> None:
    token, product = tale.client.token(), tale.products["N-1"]
    order = {
        "client_id": neighbour["client_id"],
        "product_id": product["id"],
        "plan_id": product["plans"][0]["id"],
        "payer_id": neighbour["payer_id"],
    }
    problem(write(http, token, "/orders", json=order), 404, "not_found")
    for_their_payer = order | {"client_id": tale.client_id}
    problem(write(http, token, "/orders", json=for_their_payer), 409, "unknown_payer")
    payer = {
        "client_id": neighbour["client_id"],
        "payer_type": "individual",
        "name": "Mallory",
        "country": "RU",
        "email": tale.client.email,
        "tax_number": None,
    }
    problem(write(http, token, "/payers", json=payer), 404, "not_found")
