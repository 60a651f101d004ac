"""A provider demands second factors of its employees."""

from typing import Any
from uuid import UUID

from services.identity.tests.making import sign_in, working
from services.identity.tests.proving import (
    claims_of,
    entered,
    headers_of,
    noted,
    post,
    with_passkey,
    with_totp,
)
from services.identity.tests.soft_authenticator import SoftAuthenticator

from florin_chassis.ids import new_id
from florin_chassis.testing.harness import Harness
from florin_contracts.identity import UserSecondFactorDisabled
from florin_contracts.permissions import Permission
from florin_contracts.providers import ProviderCreated

SAM = "sam@example.com"


async def demanding(identity: Harness, *, demands: bool = True) -> UUID:
    """The id of a provider that demands second factors, unless told not to."""
    event = ProviderCreated(
        id=new_id(),
        name="N-1",
        slug="n-1",
        currency="RUB",
        time_zone="Europe/Moscow",
        registration_open=True,
        conditions=(),
        employees_need_second_factor=demands,
    )
    await identity.deliver(event)
    return event.id


async def sam(identity: Harness, provider_id: UUID, **changes: Any) -> Any:
    return await working(
        identity, provider_ids=(provider_id,), permissions=(Permission.USERS_READ,), **changes
    )


async def test_who_has_none_signs_in_to_nothing_but_adding_one(identity: Harness) -> None:
    await sam(identity, await demanding(identity))
    claims = claims_of((await sign_in(identity, SAM)).json()["access_token"])
    assert claims["provisional"] is True
    assert claims["amr"] == ["pwd"]
    assert claims["prm"] == ""
    assert claims["reach"] == {}
    headers = await entered(identity, SAM)
    for method, path in (
        ("GET", "/users"),
        ("PUT", "/me/allowed-addresses"),
        ("POST", "/me/recovery-codes"),
        ("GET", "/impersonations"),
    ):
        answer = await identity.http.request(method, path, json={}, headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (403, "proof_incomplete"), path
    assert (await identity.http.get("/me", headers=headers)).status_code == 200
    listed = await identity.http.get("/me/second-factors", headers=headers)
    assert listed.json() == {"factors": [], "recovery_codes_left": 0, "demanded": True}


async def test_who_adds_one_has_its_access(identity: Harness) -> None:
    await sam(identity, await demanding(identity))
    headers = await entered(identity, SAM)
    totp = await with_totp(identity, headers)
    proof = {"factor": "totp", "code": totp.now()}
    answer = await post(identity, "/me/proof", headers, proof=proof)
    claims = claims_of(answer.json()["access_token"])
    assert "provisional" not in claims
    assert claims["amr"] == ["mfa", "otp", "pwd"]
    full = headers_of(identity, answer.json()["access_token"])
    assert (await identity.http.get("/users", headers=full)).status_code == 200


async def test_a_passkey_will_do_too_and_signs_in_alone_with_all_access(identity: Harness) -> None:
    await sam(identity, await demanding(identity))
    device = SoftAuthenticator()
    await with_passkey(identity, await entered(identity, SAM), device)
    offer = (await post(identity, "/sessions/passkey/options")).json()
    answer = await post(
        identity,
        "/sessions/passkey",
        challenge=offer["challenge"],
        credential=device.get(offer["options"]),
    )
    assert "provisional" not in claims_of(answer.json()["access_token"])


async def test_where_none_is_demanded_a_password_will_do(identity: Harness) -> None:
    await demanding(identity)
    await sam(identity, await demanding(identity, demands=False))
    assert "provisional" not in claims_of((await sign_in(identity, SAM)).json()["access_token"])


async def test_who_works_for_all_providers_works_for_one_that_demands(identity: Harness) -> None:
    await demanding(identity)
    await working(identity, administrator=True)
    claims = claims_of((await sign_in(identity, SAM)).json()["access_token"])
    assert claims["provisional"] is True
    assert "everywhere" not in claims


async def test_the_last_factor_stays_while_it_is_demanded(identity: Harness) -> None:
    await sam(identity, await demanding(identity))
    headers, device = await entered(identity, SAM), SoftAuthenticator()
    await with_totp(identity, headers)
    passkey = await with_passkey(identity, headers, device)
    listed = (await identity.http.get("/me/second-factors", headers=headers)).json()["factors"]
    totp = next(f for f in listed if f["kind"] == "totp")
    full = await full_headers(identity, headers, device)
    for factor, expected in ((totp, 204), (passkey, 409)):
        path = f"/me/second-factors/{factor['id']}"
        answer = await identity.http.delete(path, headers=full)
        assert answer.status_code == expected
    assert answer.json()["code"] == "second_factor_demanded"
    assert await identity.stated(UserSecondFactorDisabled) == []


async def full_headers(
    identity: Harness, headers: dict[str, str], device: SoftAuthenticator
) -> dict[str, str]:
    begun = (await post(identity, "/me/proof/options", headers)).json()
    proof = {"factor": "passkey", "credential": device.get(begun["passkey"])}
    answer = await post(identity, "/me/proof", headers, challenge=begun["challenge"], proof=proof)
    assert answer.status_code == 201, answer.text
    return headers_of(identity, answer.json()["access_token"])


async def administrator(identity: Harness, **changes: Any) -> dict[str, str]:
    """Headers of an administrator who signed in."""
    changes = {"email": "root@example.com", "administrator": True, **changes}
    await working(identity, **changes)
    return await entered(identity, str(changes["email"]))


async def test_an_administrator_removes_the_factors_of_who_lost_them(identity: Harness) -> None:
    event = await sam(identity, await demanding(identity, demands=False))
    await with_totp(identity, await entered(identity, SAM))
    path = f"/users/{event.id}/second-factors"
    headers = await administrator(identity)
    assert (await identity.http.delete(path, headers=headers)).status_code == 204
    (stated,) = await identity.stated(UserSecondFactorDisabled)
    assert stated["data"]["id"] == str(event.id)
    assert stated["envelope"]["actor"] != f"user/{event.id}"
    assert len(await noted(identity, "factor_removed")) == 1
    assert (await sign_in(identity, SAM)).status_code == 201


async def test_nobody_weakens_how_someone_above_signs_in(identity: Harness) -> None:
    root = await working(identity, email="root@example.com", administrator=True)
    provider_id = await demanding(identity, demands=False)
    permissions = (Permission.USERS_READ, Permission.USERS_WRITE)
    await working(identity, provider_ids=(provider_id,), permissions=permissions)
    headers = await entered(identity, SAM)
    for method, what in (("DELETE", "second-factors"), ("PUT", "allowed-addresses")):
        path = f"/users/{root.id}/{what}"
        answer = await identity.http.request(method, path, json={"networks": []}, headers=headers)
        assert answer.status_code in {403, 404}, answer.text


async def test_nobody_without_the_permission_removes_anothers(identity: Harness) -> None:
    event = await sam(identity, await demanding(identity, demands=False))
    headers = await entered(identity, SAM)
    answer = await identity.http.delete(f"/users/{event.id}/second-factors", headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (403, "forbidden")
