"""Whoever is not who they say, and whoever asks for what is another's, gets and changes nothing."""

from uuid import UUID

import httpx
import pytest
from joserfc.jwk import ECKey
from tests.e2e.answers import problem, read, write
from tests.e2e.tokens import administrator_token, installation_key
from tests.shared.databases import Databases

from florin_local.demo.api import Json
from florin_local.demo.tale import Tale
from florin_local.stack import Stack

pytestmark = pytest.mark.usefixtures("nothing_is_left_behind")

PROVIDER = {"name": "Bad", "slug": "of-a-stranger", "currency": "RUB", "time_zone": "UTC"}


@pytest.fixture
def administrator_id(tale: Tale) -> UUID:
    return UUID(tale.administrator.get("/me")["user_id"])


def test_an_expired_token_is_refused(
    http: httpx.Client, stack: Stack, databases: Databases, administrator_id: UUID
) -> None:
    key = installation_key(stack, databases)
    fresh = administrator_token(stack, key, administrator_id, life_s=60)
    assert read(http, fresh, "/providers").status_code == 200

    expired = administrator_token(stack, key, administrator_id, life_s=-60)
    problem(read(http, expired, "/providers"), 401, "unauthenticated")
    problem(write(http, expired, "/providers", json=PROVIDER), 401, "unauthenticated")


def test_a_token_that_somebody_else_signed_is_refused(
    http: httpx.Client, stack: Stack, databases: Databases, administrator_id: UUID
) -> None:
    ours = installation_key(stack, databases)
    # It even claims to be the installation's own key.
    theirs = ECKey.generate_key("P-256", {"kid": ours.kid or ""}, private=True)
    token = administrator_token(stack, theirs, administrator_id, life_s=60)
    problem(read(http, token, "/providers"), 401, "unauthenticated")
    problem(write(http, token, "/providers", json=PROVIDER), 401, "unauthenticated")


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
