"""Lists of allowed addresses over HTTP."""

from typing import Any

import pytest
from services.identity.tests.making import EMAIL, PASSWORD, registered, working
from services.identity.tests.proving import (
    Headers,
    entered,
    noted,
    post,
    with_passkey,
    with_totp,
)
from services.identity.tests.soft_authenticator import SoftAuthenticator

from florin_chassis.testing.harness import Harness

HOME = {"X-Forwarded-For": "192.0.2.7"}
AWAY = {"X-Forwarded-For": "198.51.100.1"}


async def put(
    identity: Harness, headers: Headers, *networks: str, path: str = "/me", **body: Any
) -> Any:
    body = {"networks": list(networks), **body}
    return await identity.http.put(f"{path}/allowed-addresses", json=body, headers=headers)


async def come(identity: Harness, place: Headers, password: str = PASSWORD) -> Any:
    body = {"email": EMAIL, "password": password}
    return await identity.http.post("/sessions", json=body, headers=place)


async def at_home(identity: Harness, *networks: str) -> Headers:
    """Headers of a user who may sign in from these networks only."""
    await registered(identity)
    headers = await entered(identity)
    answer = await put(identity, headers | HOME, *networks or ("192.0.2.0/24",))
    assert answer.status_code == 200, answer.text
    return headers


async def test_a_user_signs_in_from_its_networks_only(identity: Harness) -> None:
    headers = await at_home(identity)
    assert (await come(identity, HOME)).status_code == 201
    refused = await come(identity, AWAY)
    assert refused.status_code == 401
    kept = await identity.http.get("/me/allowed-addresses", headers=headers)
    assert kept.json() == {"networks": ["192.0.2.0/24"]}
    assert len(await noted(identity, "address_refused")) == 1
    assert await noted(identity, "allowed_addresses_changed") == [{"networks": ["192.0.2.0/24"]}]


async def test_from_elsewhere_a_right_password_looks_like_a_wrong_one(identity: Harness) -> None:
    await at_home(identity)
    right, wrong = await come(identity, AWAY), await come(identity, AWAY, "a wrong password")
    assert (right.status_code, right.content) == (wrong.status_code, wrong.content)
    assert right.json()["code"] == "wrong_credentials"


async def test_and_counts_like_a_wrong_one(identity: Harness) -> None:
    await at_home(identity)
    answers = [await come(identity, AWAY) for _ in range(11)]
    assert [a.status_code for a in answers] == [401] * 10 + [429]


@pytest.mark.parametrize(
    ("network", "address", "allowed"),
    [
        ("192.0.2.7", "192.0.2.7", True),
        ("192.0.2.7", "192.0.2.8", False),
        ("192.0.2.0/24", "::ffff:192.0.2.9", True),
        ("::ffff:192.0.2.0/120", "192.0.2.9", True),
        ("::ffff:192.0.2.0/120", "192.0.3.9", False),
        ("2001:db8::/32", "2001:DB8:0:1::9", True),
        ("2001:db8::/32", "2001:db9::9", False),
        ("::/0", "192.0.2.9", False),
        ("0.0.0.0/0", "2001:db8::9", False),
        ("192.0.2.0/24", "unknown", False),
        ("192.0.2.0/24", "192.0.2.9, 198.51.100.1", False),
    ],
)
async def test_networks_are_of_ipv4_and_ipv6(
    identity: Harness, network: str, address: str, allowed: bool
) -> None:
    await registered(identity)
    headers = await entered(identity)
    answer = await put(identity, headers | HOME, network, without_present_address=True)
    assert answer.status_code == 200, answer.text
    came = await come(identity, {"X-Forwarded-For": address})
    assert came.status_code == (201 if allowed else 401)


async def test_nobody_locks_itself_out_unless_it_means_to(identity: Harness) -> None:
    await registered(identity)
    headers = await entered(identity)
    refused = await put(identity, headers | HOME, "198.51.100.0/24")
    assert (refused.status_code, refused.json()["code"]) == (409, "present_address_missing")
    assert (await come(identity, HOME)).status_code == 201
    meant = await put(identity, headers | HOME, "198.51.100.0/24", without_present_address=True)
    assert meant.status_code == 200
    assert (await come(identity, HOME)).status_code == 401


async def test_an_empty_list_allows_every_address(identity: Harness) -> None:
    headers = await at_home(identity)
    assert (await put(identity, headers | HOME)).json() == {"networks": []}
    assert (await come(identity, AWAY)).status_code == 201


@pytest.mark.parametrize(
    "networks",
    [
        ["192.0.2.0/33"],
        ["192.0.2.1/24"],
        ["example.com"],
        ["x" * 900],
        ["10.0.0.0/8"] * 51,
        [1],
        "x",
    ],
)
async def test_what_is_no_list_of_networks_is_refused_by_its_field(
    identity: Harness, networks: Any
) -> None:
    await registered(identity)
    headers = await entered(identity)
    body = {"networks": networks}
    answer = await identity.http.put("/me/allowed-addresses", json=body, headers=headers)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"].startswith("networks")


async def test_one_network_is_kept_once(identity: Harness) -> None:
    await registered(identity)
    headers = await entered(identity)
    twice = ("192.0.2.0/24", "192.0.2.0/24", "::ffff:192.0.2.0/120", "2001:DB8::/32")
    answer = await put(identity, headers | HOME, *twice)
    assert answer.json() == {"networks": ["192.0.2.0/24", "2001:db8::/32"]}


async def test_the_second_step_comes_from_an_allowed_address_too(identity: Harness) -> None:
    headers = await at_home(identity)
    totp = await with_totp(identity, headers | HOME)
    asked = (await come(identity, HOME)).json()
    body = {"challenge": asked["challenge"], "proof": {"factor": "totp", "code": totp.now()}}
    for place, status in ((AWAY, 401), (HOME, 201)):
        answer = await post(identity, "/sessions/second-factor", place, **body)
        assert answer.status_code == status


async def test_so_does_a_passkey(identity: Harness) -> None:
    headers, device = await at_home(identity), SoftAuthenticator()
    await with_passkey(identity, headers | HOME, device)
    for place, status in ((AWAY, 401), (HOME, 201)):
        offer = (await post(identity, "/sessions/passkey/options")).json()
        body = {"challenge": offer["challenge"], "credential": device.get(offer["options"])}
        answer = await post(identity, "/sessions/passkey", place, **body)
        assert answer.status_code == status


async def test_an_administrator_lets_in_who_locked_itself_out(identity: Harness) -> None:
    await registered(identity)
    headers = await entered(identity)
    user_id = (await identity.http.get("/me", headers=headers)).json()["user_id"]
    await put(identity, headers | HOME, "198.51.100.0/24", without_present_address=True)
    await working(identity, email="root@example.com", administrator=True)
    root = await entered(identity, "root@example.com")
    path = f"/users/{user_id}"
    kept = await identity.http.get(f"{path}/allowed-addresses", headers=root)
    assert kept.json() == {"networks": ["198.51.100.0/24"]}
    assert (await put(identity, root, path=path)).json() == {"networks": []}
    assert (await come(identity, HOME)).status_code == 201


async def test_an_administrator_is_shut_out_by_nobody_not_even_by_itself(
    identity: Harness,
) -> None:
    one = await working(identity, administrator=True, email="a@example.com")
    await working(identity, administrator=True, email="b@example.com")
    own = await entered(identity, one.email) | HOME
    others, path = await entered(identity, "b@example.com"), f"/users/{one.id}"
    for answer in (
        await put(identity, own, "203.0.113.0/24", without_present_address=True),
        await put(identity, others, "203.0.113.0/24", path=path),
    ):
        assert (answer.status_code, answer.json()["code"]) == (409, "administrator_shut_out")
    assert (await put(identity, own, "192.0.2.0/24", "203.0.113.0/24")).status_code == 200
    assert (await put(identity, others, path=path)).json() == {"networks": []}
