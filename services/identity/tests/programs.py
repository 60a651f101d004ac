"""Makes service accounts and API keys for tests, and asks for tokens with them."""

from typing import Any
from uuid import UUID

import httpx
from services.identity.tests.making import provider, registered, working

from florin_chassis.testing.harness import Harness
from florin_contracts.permissions import CLIENT_ROLES, ClientRole, Permission
from florin_identity.api.api_key_exchange import API_KEY_GRANT

AMR = ["pwd"]


def security_staff(identity: Harness, **claims: Any) -> dict[str, str]:
    """Headers of somebody who signed in itself and may do everything, everywhere unless told."""
    everywhere = "reach" not in claims
    return identity.signed_in(*Permission, **{"everywhere": everywhere, "amr": AMR, **claims})


async def service_account(
    identity: Harness, *permissions: Permission, headers: dict[str, str] | None = None, **body: Any
) -> dict[str, Any]:
    """What `POST /service-accounts` answered; with every provider unless told."""
    given = {"name": "nightly job", "permissions": [*permissions], "provider_ids": [], **body}
    answer = await identity.http.post(
        "/service-accounts", json=given, headers=headers or security_staff(identity)
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
    return identity.signed_in(
        *permissions, sub=str(event.id), amr=AMR, reach=places, everywhere=not places
    )


async def client_owner(identity: Harness, provider_id: UUID) -> dict[str, str]:
    """Headers of somebody who registered a client and signed in."""
    made = await registered(identity, email="owner@example.com", provider_id=str(provider_id))
    return identity.signed_in(
        *CLIENT_ROLES[ClientRole.OWNER],
        sub=made["user"]["id"],
        amr=AMR,
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


async def exchange(identity: Harness, key: str) -> httpx.Response:
    """Ask for a token as the gateway does."""
    form = {"grant_type": API_KEY_GRANT, "api_key": key}
    return await identity.http.post("/oauth2/token", data=form)


async def revoke(identity: Harness, api_key: dict[str, Any]) -> httpx.Response:
    """Revoke as security staff."""
    return await identity.http.post(
        f"/api-keys/{api_key['id']}/revoke", headers=security_staff(identity)
    )
