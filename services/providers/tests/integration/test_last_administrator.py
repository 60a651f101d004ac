"""Somebody is always left who may do everything, whatever two replicas are asked at once."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest
from services.providers.tests.making import administrator, made
from services.providers.tests.receiver import until
from sqlalchemy import text

from florin_chassis.database import Database
from florin_chassis.ids import new_id
from florin_chassis.processes import service_app
from florin_chassis.runtime import Runtime
from florin_chassis.testing.harness import Harness
from florin_contracts.identity import UserActivated, UserInvited, UserKind, UserStatus
from florin_contracts.permissions import Permission
from florin_contracts.providers import EmployeeStatus
from florin_providers.service import service

WAITING = text(
    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
    " AND wait_event_type = 'Lock' AND query LIKE '%employees%FOR UPDATE%'"
)


@asynccontextmanager
async def replica(providers: Harness) -> AsyncIterator[httpx.AsyncClient]:
    """Another process' application, as far as it shares nothing but the database."""
    first = providers.runtime
    database = Database(first.settings)
    runtime = Runtime(first.service, first.settings, database, first.verifier, first.awaits)
    transport = httpx.ASGITransport(await service_app(service, runtime))
    try:
        async with httpx.AsyncClient(transport=transport, base_url="http://service") as http:
            yield http
    finally:
        await database.close()


async def new_administrator(providers: Harness) -> str:
    """One who has joined."""
    user_id = new_id()
    login: dict[str, Any] = {
        "id": user_id,
        "name": "Administrator",
        "email": f"{user_id}@n-1.example",
        "kind": UserKind.EMPLOYEE,
        "administrator": True,
        "client_id": None,
    }
    await providers.deliver(
        UserInvited(**login, status=UserStatus.INVITED),
        UserActivated(**login, status=UserStatus.ACTIVE),
    )
    return str(user_id)


async def lose(
    providers: Harness, http: httpx.AsyncClient, how: str, employee_id: str, **claims: Any
) -> tuple[int, str]:
    headers = providers.signed_in(*Permission, everywhere=True, **claims)
    path = f"/employees/{employee_id}"
    if how == "demote":
        answer = await http.patch(path, json={"administrator": False}, headers=headers)
    else:
        answer = await http.post(f"{path}/{how}", headers=headers)
    return answer.status_code, answer.json().get("code", answer.json().get("status"))


async def active_administrators(providers: Harness) -> int:
    listed = await providers.http.get("/employees", headers=administrator(providers))
    return sum(
        e["administrator"] and e["status"] == EmployeeStatus.ACTIVE for e in listed.json()["data"]
    )


@pytest.mark.parametrize("how", ["demote", "suspend", "end"])
async def test_the_last_administrator_can_be_taken_away_by_nobody(
    providers: Harness, how: str
) -> None:
    last = await new_administrator(providers)
    refused = (409, "last_administrator")
    assert await lose(providers, providers.http, how, last) == refused
    assert await lose(providers, providers.http, how, last, sub=last) == refused
    assert await active_administrators(providers) == 1


@pytest.mark.parametrize("how", ["demote", "suspend", "end"])
async def test_one_who_has_yet_to_join_or_is_suspended_does_not_count(
    providers: Harness, how: str
) -> None:
    last, suspended = [await new_administrator(providers) for _ in "12"]
    assert (await lose(providers, providers.http, "suspend", suspended))[0] == 200
    ada = (await made(providers, "/employees", {"name": "Ada", "email": "a@n.example"}))["id"]
    invited = await providers.http.patch(
        f"/employees/{ada}", json={"administrator": True}, headers=administrator(providers)
    )
    assert invited.json()["status"] == "invited"
    assert await lose(providers, providers.http, how, last) == (409, "last_administrator")


async def test_an_administrator_may_go_while_another_stays(providers: Harness) -> None:
    one, _ = [await new_administrator(providers) for _ in "12"]
    assert await lose(providers, providers.http, "end", one) == (200, "ended")


@pytest.mark.parametrize("how", ["demote", "suspend", "end"])
async def test_of_two_that_replicas_take_away_at_once_exactly_one_stays(
    providers: Harness, how: str
) -> None:
    """Both hold their own row's lock at the same moment: each waits there until it is let go."""
    two = [await new_administrator(providers) for _ in "12"]
    engine = providers.runtime.database.engine
    async with replica(providers) as other, engine.connect() as connection:
        watching = await connection.execution_options(isolation_level="AUTOCOMMIT")
        async with engine.begin() as holding:
            await holding.execute(text("SELECT FROM employees FOR UPDATE"))
            asked = [
                asyncio.create_task(lose(providers, http, how, employee_id, sub=by))
                for http, employee_id, by in zip(
                    (providers.http, other), two, reversed(two), strict=True
                )
            ]

            async def both_wait() -> bool:
                return bool(await watching.scalar(WAITING) == len(asked))

            await until(both_wait)
        answers = await asyncio.gather(*asked)
    assert sorted(status for status, _ in answers) == [200, 409]
    assert (409, "last_administrator") in answers
    assert await active_administrators(providers) == 1
