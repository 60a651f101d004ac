"""`/sessions/refresh` over HTTP, and what becomes of a session whose tokens two hold."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from services.identity.tests.making import EMAIL, PASSWORD, actor_of, registered, sign_in
from sqlalchemy import func, select, update

from florin_chassis.testing.harness import Harness
from florin_contracts.identity import SessionEnded
from florin_identity.models import RefreshFamily, SecurityAct, SecurityEntry, Session, User
from florin_identity.models.refresh_family import LENGTH


async def refresh(identity: Harness, token: str, **headers: str) -> Any:
    body = {"refresh_token": token}
    return await identity.http.post("/sessions/refresh", json=body, headers=headers)


async def signed_in(identity: Harness) -> dict[str, Any]:
    await registered(identity)
    answer = await sign_in(identity)
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


async def change(identity: Harness, kind: Any, **values: Any) -> None:
    """Behind the service's back, as time or another process would."""
    async with identity.runtime.database.engine.begin() as connection:
        await connection.execute(update(kind).values(**values))


async def noted(identity: Harness, act: SecurityAct) -> int:
    async with identity.runtime.database.engine.connect() as connection:
        lines = select(func.count()).where(SecurityEntry.act == act)
        return int(await connection.scalar(lines) or 0)


async def test_a_session_goes_on_with_the_next_token_each_time(identity: Harness) -> None:
    first = await signed_in(identity)
    answer = await refresh(identity, first["refresh_token"])
    assert answer.status_code == 200, answer.text
    second = answer.json()
    assert second["session_id"] == first["session_id"]
    assert second["refresh_token"] != first["refresh_token"]
    was, is_ = [await actor_of(identity, s["access_token"]) for s in (first, second)]
    assert (is_.session_id, is_.in_person, is_.permissions) == (
        was.session_id,
        True,
        was.permissions,
    )
    assert (await refresh(identity, second["refresh_token"])).status_code == 200


async def test_a_token_that_was_used_before_ends_the_session_and_is_noted(
    identity: Harness,
) -> None:
    first = (await signed_in(identity))["refresh_token"]
    second = (await refresh(identity, first)).json()["refresh_token"]
    third = (await refresh(identity, second)).json()["refresh_token"]
    answer = await refresh(identity, first)
    assert (answer.status_code, answer.json()["code"]) == (401, "refresh_token_reused")
    for token in (first, second, third):
        answer = await refresh(identity, token)
        assert (answer.status_code, answer.json()["code"]) == (401, "refresh_token_refused")
    (ended,) = await identity.stated(SessionEnded)
    assert ended["data"]["end_cause"] == "token_reused"
    assert await noted(identity, SecurityAct.REFRESH_TOKEN_REUSED) == 1
    assert await noted(identity, SecurityAct.SESSION_ENDED) == 1


async def test_a_client_whose_answer_was_lost_asks_again_and_stays_signed_in(
    identity: Harness,
) -> None:
    first = (await signed_in(identity))["refresh_token"]
    await refresh(identity, first)
    again = await refresh(identity, first)
    assert again.status_code == 200
    assert (await refresh(identity, again.json()["refresh_token"])).status_code == 200
    assert await identity.stated(SessionEnded) == []


async def test_that_moment_is_counted_by_the_database(identity: Harness) -> None:
    first = (await signed_in(identity))["refresh_token"]
    await refresh(identity, first)
    earlier = RefreshFamily.rotated_at - RefreshFamily.repeatable
    await change(identity, RefreshFamily, rotated_at=earlier)
    assert (await refresh(identity, first)).json()["code"] == "refresh_token_reused"


async def test_many_who_present_a_token_at_once_leave_one_good_token(identity: Harness) -> None:
    first = (await signed_in(identity))["refresh_token"]
    answers = await asyncio.gather(*(refresh(identity, first) for _ in range(8)))
    assert {a.status_code for a in answers} == {200}
    tokens = [a.json()["refresh_token"] for a in answers]
    assert len(set(tokens)) == 8
    later = [(await refresh(identity, token)).status_code for token in tokens]
    assert later.count(200) <= 1
    assert len(await identity.stated(SessionEnded)) <= 1


@pytest.mark.parametrize("token", ["x", "A" * LENGTH, "é" * 20])
async def test_what_is_no_token_is_refused_and_ends_nothing(identity: Harness, token: str) -> None:
    good = (await signed_in(identity))["refresh_token"]
    answer = await refresh(identity, token)
    assert (answer.status_code, answer.json()["code"]) == (401, "refresh_token_refused")
    forged = await refresh(identity, "A" * (LENGTH // 2) + good[LENGTH // 2 :])
    assert forged.json()["code"] == "refresh_token_refused"
    assert (await refresh(identity, good)).status_code == 200


@pytest.mark.parametrize("body", [{}, {"refresh_token": ""}, {"refresh_token": "a" * 1_000}])
async def test_a_body_without_a_token_names_the_field(
    identity: Harness, body: dict[str, str]
) -> None:
    answer = await identity.http.post("/sessions/refresh", json=body)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == "refresh_token"


async def test_a_session_runs_out_unused_and_in_any_case(identity: Harness) -> None:
    token = (await signed_in(identity))["refresh_token"]
    for kind, column in ((RefreshFamily, "used_at"), (Session, "started_at")):
        at = getattr(kind, column)
        await change(identity, kind, **{column: at - timedelta(days=8)})
        assert (await refresh(identity, token)).json()["code"] == "refresh_token_refused"
        await change(identity, kind, **{column: at + timedelta(days=8)})
    assert (await refresh(identity, token)).status_code == 200


async def test_a_suspended_user_gets_no_further_token(identity: Harness) -> None:
    token = (await signed_in(identity))["refresh_token"]
    await change(identity, User, status="suspended")
    assert (await refresh(identity, token)).json()["code"] == "refresh_token_refused"
    await change(identity, User, status="active")


async def test_no_refresh_token_is_kept_anywhere(identity: Harness) -> None:
    await registered(identity)
    body, key = {"email": EMAIL, "password": PASSWORD}, {"Idempotency-Key": "once"}
    first, again = [
        (await identity.http.post("/sessions", json=body, headers=key)).json() for _ in "12"
    ]
    assert first["refresh_token"] != again["refresh_token"]
    second = (await refresh(identity, first["refresh_token"], **key)).json()["refresh_token"]
    third = (await refresh(identity, second, **key)).json()["refresh_token"]
    assert len({first["refresh_token"], second, third}) == 3
