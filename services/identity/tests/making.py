"""Makes what the tests of the identity service start from: states of others, users, tokens."""

from typing import Any
from uuid import UUID

import httpx
from joserfc.jwk import KeySet

from florin_chassis.actor import Actor
from florin_chassis.ids import new_id
from florin_chassis.testing.harness import Harness
from florin_chassis.testing.tokens import AUDIENCE, ISSUER
from florin_chassis.tokens import TokenVerifier
from florin_contracts.clients import (
    ClientActivity,
    ClientRegistered,
    ClientUserInvited,
    ClientUserStatus,
)
from florin_contracts.permissions import ClientRole, Permission
from florin_contracts.providers import (
    EmployeeInvited,
    EmployeeStatus,
    ProviderCreated,
    RegistrationRules,
)

PASSWORD = "correct horse battery staple"
EMAIL = "vega@example.com"


class Published:
    """A `KeySource` that asks the identity service for its keys, as every service does."""

    def __init__(self, http: httpx.AsyncClient) -> None:
        self._http = http

    async def keys(self, *, fresh: bool = False) -> KeySet:  # noqa: ARG002
        answer = await self._http.get("/.well-known/jwks.json")
        return KeySet.import_key_set(answer.json())


async def actor_of(identity: Harness, token: str) -> Actor:
    """Whom another service takes the bearer of the token for."""
    return await TokenVerifier(Published(identity.http), ISSUER, AUDIENCE).verify(token)


async def provider(
    identity: Harness, *, open_: bool = True, rules: RegistrationRules | None = None
) -> UUID:
    """The id of a provider that has been stated."""
    event = ProviderCreated(
        id=new_id(),
        name="N-1",
        slug="n-1",
        currency="RUB",
        time_zone="Europe/Moscow",
        registration_open=open_,
        conditions=(),
        registration=rules or RegistrationRules(),
    )
    await identity.deliver(event)
    return event.id


async def client(identity: Harness, *provider_ids: UUID) -> UUID:
    """The id of a client that has been stated."""
    event = ClientRegistered(
        id=new_id(),
        name="Vega",
        country="RU",
        state=ClientActivity.NOT_ACTIVE,
        provider_ids=provider_ids,
    )
    await identity.deliver(event)
    return event.id


def employee(**changes: Any) -> EmployeeInvited:
    """An employee that providers invited, without any rights unless `changes` say otherwise."""
    state: dict[str, Any] = {
        "id": new_id(),
        "name": "Sam Support",
        "email": "sam@example.com",
        "status": EmployeeStatus.INVITED,
        "administrator": False,
        "provider_ids": (),
        "department_ids": (),
        "permissions": (),
    }
    return EmployeeInvited(**(state | changes))


def member(**changes: Any) -> ClientUserInvited:
    """A person whom a client asked to act for it."""
    state: dict[str, Any] = {
        "id": new_id(),
        "client_id": new_id(),
        "name": "Fin",
        "email": "fin@vega.example",
        "role": ClientRole.FINANCE,
        "permissions": (),
        "status": ClientUserStatus.INVITED,
    }
    return ClientUserInvited(**state | changes)


async def registration(identity: Harness, **changes: Any) -> dict[str, Any]:
    """A body for `POST /registrations`, with a provider that exists unless one is given."""
    body = {"name": "Vega", "email": EMAIL, "password": PASSWORD, "country": "RU"}
    if "provider_id" not in changes:
        changes["provider_id"] = str(await provider(identity))
    return body | changes


async def registered(identity: Harness, **changes: Any) -> dict[str, Any]:
    """What registration answered."""
    answer = await identity.http.post(
        "/registrations", json=await registration(identity, **changes)
    )
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


async def sign_in(identity: Harness, email: str = EMAIL, password: str = PASSWORD) -> Any:
    return await identity.http.post("/sessions", json={"email": email, "password": password})


async def token_of(identity: Harness, email: str = EMAIL) -> str:
    answer = await sign_in(identity, email)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["access_token"])


def inviter(identity: Harness) -> dict[str, str]:
    """Headers of somebody who may do everything everywhere."""
    return identity.signed_in(*Permission, everywhere=True, amr=["pwd"])


async def invitation(identity: Harness, user_id: UUID) -> str:
    """A fresh one-time token."""
    answer = await identity.http.post(f"/users/{user_id}/invitation", headers=inviter(identity))
    assert answer.status_code == 201, answer.text
    return str(answer.json()["invitation_token"])


async def accept(identity: Harness, token: str, password: str = PASSWORD) -> Any:
    return await identity.http.post(
        "/invitations/accept", json={"token": token, "password": password}
    )


async def working(identity: Harness, **changes: Any) -> EmployeeInvited:
    """An employee who has set the password and may sign in."""
    event = employee(**changes)
    await identity.deliver(event)
    answer = await accept(identity, await invitation(identity, event.id))
    assert answer.status_code == 200, answer.text
    return event
