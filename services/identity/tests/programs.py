"""Makes service accounts and API keys for tests, and asks for tokens with them."""

from typing import Any
from uuid import UUID

import httpx
from services.identity.tests.making import provider, registered, token_of, working
from services.identity.tests.proving import claims_of

from florin_chassis.ids import new_id
from florin_chassis.testing.harness import Harness
from florin_contracts.permissions import CLIENT_ROLES, ClientRole, Permission
from florin_identity.api.api_key_exchange import API_KEY_GRANT

AMR = ["pwd"]


def security_staff(identity: Harness, **claims: Any) -> dict[str, str]:
    """Headers of somebody who signed in itself and may do everything, everywhere unless told."""
    everywhere = "reach" not in claims
    return identity.signed_in(*Permission, **{"everywhere": everywhere, "amr": AMR, **claims})


async def signed_in_as(
    identity: Harness, user_id: UUID | str, email: str, *permissions: Permission, **claims: Any
) -> dict[str, str]:
    """Headers of a user who gave its password just now, with these rights."""
    session_id = claims_of(await token_of(identity, email))["sid"]
    return identity.signed_in(*permissions, sub=str(user_id), sid=session_id, amr=AMR, **claims)


async def maker(identity: Harness, *permissions: Permission, **claims: Any) -> dict[str, str]:
    """Headers of an employee who may make credentials: with every right everywhere unless told."""
    event = await working(identity, email=f"{new_id()}@example.com")
    given = {"everywhere": "reach" not in claims, **claims}
    return await signed_in_as(
        identity, event.id, event.email, *(permissions or Permission), **given
    )


async def service_account(
    identity: Harness, *permissions: Permission, headers: dict[str, str] | None = None, **body: Any
) -> dict[str, Any]:
    """What `POST /service-accounts` answered; with every provider unless told."""
    given = {"name": "nightly job", "permissions": [*permissions], "provider_ids": [], **body}
    answer = await identity.http.post(
        "/service-accounts", json=given, headers=headers or await maker(identity)
    )
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


async def bounded_account(identity: Harness, *permissions: Permission) -> dict[str, Any]:
    """An account of one provider."""
    return await service_account(
        identity, *permissions, provider_ids=[str(await provider(identity))]
    )


async def ask_token(identity: Harness, account: dict[str, Any], **form: str) -> httpx.Response:
    """Ask for a token with client_secret_post."""
    return await identity.http.post(
        "/oauth2/token",
        data={
            "grant_type": "client_credentials",
            "client_id": account["id"],
            "client_secret": account["client_secret"],
            **form,
        },
    )


async def user_with(identity: Harness, *permissions: Permission, **changes: Any) -> dict[str, str]:
    """Headers of an employee who signed in itself, with these permissions."""
    event = await working(identity, permissions=permissions, **changes)
    places = {"provider": event.provider_ids} if event.provider_ids else {}
    return await signed_in_as(
        identity, event.id, event.email, *permissions, reach=places, everywhere=not places
    )


async def client_owner(identity: Harness, provider_id: UUID) -> dict[str, str]:
    """Headers of somebody who registered a client and signed in."""
    made = await registered(identity, email="owner@example.com", provider_id=str(provider_id))
    return await signed_in_as(
        identity,
        made["user"]["id"],
        made["user"]["email"],
        *CLIENT_ROLES[ClientRole.OWNER],
        reach={"client": [made["client_id"]]},
    )


async def own_key(
    identity: Harness, headers: dict[str, str], *scopes: Permission, **body: Any
) -> dict[str, Any]:
    """What `POST /me/api-keys` answered; a key without an end unless told."""
    given = {"name": "crm", "scopes": [*scopes], "expires_at": None, **body}
    answer = await identity.http.post("/me/api-keys", json=given, headers=headers)
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


async def exchange(
    identity: Harness, key: str, headers: dict[str, str] | None = None
) -> httpx.Response:
    """Ask for a token as the gateway does."""
    form = {"grant_type": API_KEY_GRANT, "api_key": key}
    return await identity.http.post("/oauth2/token", data=form, headers=headers)


async def revoke(identity: Harness, api_key: dict[str, Any]) -> httpx.Response:
    """Revoke as security staff."""
    return await identity.http.post(
        f"/api-keys/{api_key['id']}/revoke", headers=security_staff(identity)
    )
