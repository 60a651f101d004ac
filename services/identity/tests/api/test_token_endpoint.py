"""`POST /oauth2/token`: the grant client_credentials, and what becomes of bad requests."""

import base64
import json
from urllib.parse import quote_plus

import httpx
import pytest
from services.identity.tests.making import actor_of
from services.identity.tests.programs import (
    ask_token,
    bounded_account,
    security_staff,
    service_account,
)
from sqlalchemy import select

from florin_chassis.ids import new_id
from florin_chassis.testing.harness import Harness
from florin_contracts.permissions import Permission
from florin_identity.models import SecurityEntry

P = Permission
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


async def send(identity: Harness, body: bytes, **headers: str) -> httpx.Response:
    return await identity.http.post("/oauth2/token", content=body, headers=FORM | headers)


def basic(client_id: str, secret: str) -> str:
    pair = f"{quote_plus(client_id)}:{quote_plus(secret)}".encode()
    return f"Basic {base64.b64encode(pair).decode()}"


async def refusals(identity: Harness) -> list[tuple[object, object]]:
    async with identity.runtime.database.engine.connect() as connection:
        wanted = select(SecurityEntry.subject, SecurityEntry.details).where(
            SecurityEntry.act == "key_refused"
        )
        return [(row.subject, row.details["reason"]) for row in await connection.execute(wanted)]


async def test_a_service_account_gets_a_token_with_its_rights(identity: Harness) -> None:
    account = await bounded_account(identity, P.CLIENTS_READ, P.ORDERS_READ)
    answer = await ask_token(identity, account)
    assert answer.status_code == 200, answer.text
    token = answer.json()
    assert token.keys() == {"access_token", "token_type", "expires_in", "scope"}
    assert (token["token_type"], token["expires_in"]) == ("Bearer", 300)
    assert token["scope"] == "clients:read orders:read"
    assert answer.headers["Cache-Control"] == "no-store"
    actor = await actor_of(identity, token["access_token"])
    assert actor.name == f"service-account/{account['id']}"
    assert (actor.user_id, actor.in_person) == (None, False)
    assert str(actor.session_id) == account["secret_id"]
    assert actor.permissions == {P.CLIENTS_READ, P.ORDERS_READ}
    assert {str(i) for i in actor.reach["provider"]} == {*account["provider_ids"]}


async def test_a_token_says_the_version_of_the_account_that_it_speaks_of(
    identity: Harness,
) -> None:
    """So that it is refused by whoever has seen that the account changed since."""
    account = await service_account(identity, P.CLIENTS_READ)
    headers = security_staff(identity)
    path = f"/service-accounts/{account['id']}"
    versions = []
    for name in ("first", "second"):
        token = (await ask_token(identity, account)).json()["access_token"]
        payload = token.split(".")[1]
        claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
        versions.append((claims["sub"], claims["kind"], claims["ver"]))
        await identity.http.patch(path, json={"name": name}, headers=headers)
    assert versions == [(account["id"], "service-account", n) for n in (1, 2)]


async def test_a_token_may_be_asked_for_with_basic_authentication(identity: Harness) -> None:
    account = await service_account(identity, P.CLIENTS_READ)
    header = basic(account["id"], account["client_secret"])
    answer = await send(identity, b"grant_type=client_credentials", Authorization=header)
    assert answer.status_code == 200, answer.text


async def test_a_scope_narrows_and_never_widens(identity: Harness) -> None:
    account = await service_account(identity, P.CLIENTS_READ, P.ORDERS_READ)
    answer = await ask_token(identity, account, scope="orders:read")
    assert answer.json()["scope"] == "orders:read"
    actor = await actor_of(identity, answer.json()["access_token"])
    assert actor.permissions == {P.ORDERS_READ}
    for scope in ("payments:record", "orders:read payments:record", "all", "orders:read  x"):
        refused = await ask_token(identity, account, scope=scope)
        assert (refused.status_code, refused.json()["error"]) == (400, "invalid_scope")


async def test_wrong_credentials_are_refused_alike_and_noted_if_there_is_such_an_account(
    identity: Harness,
) -> None:
    account = await service_account(identity)
    wrong = [
        await ask_token(identity, {**account, "client_secret": "wrong"}),
        await ask_token(identity, {**account, "id": str(new_id())}),
        await ask_token(identity, {**account, "id": "nonsense"}),
        await ask_token(identity, {**account, "id": "\0"}),
        await send(identity, b"grant_type=client_credentials"),
        await send(identity, b"grant_type=client_credentials", Authorization="Basic !"),
        await send(identity, b"grant_type=client_credentials", Authorization="Basic /w=="),
        await send(identity, b"grant_type=client_credentials", Authorization="Basic YQ=="),
    ]
    for answer in wrong:
        assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")
        assert answer.headers["WWW-Authenticate"] == 'Basic realm="florin"'
        assert answer.headers["content-type"] == "application/json"
    assert len({answer.text for answer in wrong[:4]}) == 1
    assert [(str(subject), reason) for subject, reason in await refusals(identity)] == [
        (account["id"], "wrong secret")
    ]


@pytest.mark.parametrize(
    ("body", "error"),
    [
        (b"", "invalid_request"),
        (b"grant_type=", "invalid_request"),
        (b"grant_type=password", "unsupported_grant_type"),
        (b"grant_type=a&grant_type=a", "invalid_request"),
        (b"grant_type=\xff", "invalid_request"),
        (b"grant_type=%ff", "invalid_request"),
        (b"&".join(b"p%d=1" % n for n in range(40)), "invalid_request"),
    ],
)
async def test_a_malformed_request_is_refused_as_rfc_6749_says(
    identity: Harness, body: bytes, error: str
) -> None:
    answer = await send(identity, body)
    assert (answer.status_code, answer.json()["error"]) == (400, error)
    assert answer.json()["error_description"].isascii()


async def test_another_kind_of_body_is_refused(identity: Harness) -> None:
    answer = await identity.http.post("/oauth2/token", json={"grant_type": "client_credentials"})
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")


async def test_two_ways_of_proving_itself_are_refused(identity: Harness) -> None:
    account = await service_account(identity)
    header = basic(account["id"], account["client_secret"])
    for more in (b"&client_secret=x", b"&client_id=other"):
        body = b"grant_type=client_credentials" + more
        answer = await send(identity, body, Authorization=header)
        assert answer.json()["error"] == "invalid_request"
