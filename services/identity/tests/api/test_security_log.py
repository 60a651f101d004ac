"""`/security-log` and `/me/security-log` over HTTP."""

from typing import Any

from services.identity.tests.integration.test_security_chain import seal
from services.identity.tests.making import (
    EMAIL,
    PASSWORD,
    client,
    provider,
    registered,
    sign_in,
)

from florin_chassis.ids import new_id
from florin_chassis.testing.harness import Harness
from florin_contracts.permissions import Permission


async def lines(identity: Harness, headers: dict[str, str], query: str = "") -> list[Any]:
    """What is said of signing in; making the users is noted too."""
    answer = await identity.http.get(f"/security-log{query}", headers=headers)
    assert answer.status_code == 200, answer.text
    return about_signing_in(answer.json()["data"])


def about_signing_in(data: list[Any]) -> list[Any]:
    return [line for line in data if line["act"] in {"signed_in", "sign_in_failed"}]


def reader(identity: Harness, **reach: Any) -> dict[str, str]:
    if reach:
        return identity.signed_in(Permission.SECURITY_READ, reach=reach)
    return identity.signed_in(Permission.SECURITY_READ, everywhere=True)


async def test_a_sign_in_and_a_failure_are_noted_with_who_and_from_where(
    identity: Harness,
) -> None:
    made = await registered(identity)
    headers = {"User-Agent": "a browser", "X-Forwarded-For": "192.0.2.7"}
    for password in (PASSWORD, PASSWORD + "!"):
        body = {"email": EMAIL, "password": password}
        await identity.http.post("/sessions", json=body, headers=headers)
    failed, signed_in = await lines(identity, reader(identity), f"?subject={made['user']['id']}")
    assert (failed["act"], failed["actor"]) == ("sign_in_failed", "anonymous")
    assert signed_in["act"] == "signed_in"
    assert signed_in["actor"] == f"user/{made['user']['id']}"
    for line in (failed, signed_in):
        assert (line["address"], line["agent"]) == ("192.0.2.7", "a browser")
        assert (line["subject"], line["position"]) == (made["user"]["id"], None)
    await seal(identity)
    later, earlier = await lines(identity, reader(identity))
    assert later["position"] == earlier["position"] + 1
    assert len(later["digest"]) == 64


async def test_the_log_is_searched_by_act_subject_actor_address_and_time(
    identity: Harness,
) -> None:
    made = await registered(identity)
    await sign_in(identity)
    await sign_in(identity, "nobody@example.com")
    everything = await lines(identity, reader(identity))
    user_id, at = made["user"]["id"], everything[1]["at"]
    for query, found in (
        ("?act=sign_in_failed", 1),
        (f"?subject={user_id}", 1),
        (f"?actor=user/{user_id}", 1),
        ("?address=127.0.0.1", 2),
        ("?address=192.0.2.1", 0),
        (f"?since={at.replace('+', '%2B')}", 2),
        (f"?until={at.replace('+', '%2B')}", 0),
    ):
        assert len(await lines(identity, reader(identity), query)) == found, query


async def test_pages_go_on_where_the_last_one_ended(identity: Harness) -> None:
    await registered(identity)
    for _ in range(5):
        await sign_in(identity)
    seen, query = [], "?limit=2"
    while query:
        answer = await identity.http.get(f"/security-log{query}", headers=reader(identity))
        page = answer.json()
        assert len(page["data"]) <= 2
        seen += [line["id"] for line in page["data"]]
        query = f"?limit=2&cursor={page['next_cursor']}" if page["has_more"] else ""
    assert seen == list(range(seen[0], 0, -1))
    assert len(seen) >= 5


async def test_bad_input_is_named_and_never_a_fault_of_ours(identity: Harness) -> None:
    for query in (
        "act=nonsense", "subject=nonsense", "since=yesterday", "since=2026-01-01T00:00:00",
        "actor=%00", f"address={'x' * 201}", "cursor=nonsense", "limit=0",
    ):  # fmt: skip
        answer = await identity.http.get(f"/security-log?{query}", headers=reader(identity))
        assert answer.status_code == 422, query
    highest = "cursor=_____________________w"
    assert await lines(identity, reader(identity), f"?{highest}") == []


async def test_who_may_read_sees_lines_about_users_within_reach_and_no_others(
    identity: Harness,
) -> None:
    made = await registered(identity)
    await sign_in(identity)
    await sign_in(identity, "nobody@example.com")
    mine, foreign = made["client_id"], new_id()
    assert len(await lines(identity, reader(identity))) == 2
    assert len(await lines(identity, reader(identity, client=[mine]))) == 1
    assert await lines(identity, reader(identity, client=[foreign])) == []
    n1 = await provider(identity)
    assert await lines(identity, reader(identity, provider=[n1])) == []
    await client(identity, n1)
    assert await lines(identity, reader(identity, provider=[n1])) == []


async def test_without_the_permission_the_log_is_refused(identity: Harness) -> None:
    headers = identity.signed_in(Permission.USERS_READ, everywhere=True)
    assert (await identity.http.get("/security-log", headers=headers)).status_code == 403
    assert (await identity.http.get("/security-log")).status_code == 401


async def test_users_see_their_own_lines_and_nobody_elses(identity: Harness) -> None:
    first = await registered(identity)
    await registered(identity, email="lyra@example.com", name="Lyra")
    await sign_in(identity, "lyra@example.com")
    await sign_in(identity)
    await sign_in(identity, EMAIL, PASSWORD + "!")
    headers = identity.signed_in(sub=first["user"]["id"])
    answer = await identity.http.get("/me/security-log", headers=headers)
    own = about_signing_in(answer.json()["data"])
    assert [line["act"] for line in own] == ["sign_in_failed", "signed_in"]
    assert {line["subject"] for line in answer.json()["data"]} == {first["user"]["id"]}
