"""However many a department has, and whatever a release changes: everybody's access is reckoned."""

import asyncio
from collections.abc import Sequence
from typing import Any
from uuid import UUID

import pytest
from services.identity.tests.making import actor_of, employee, sign_in, token_of, working
from sqlalchemy import func, select, text

from florin_chassis.ids import new_id
from florin_chassis.testing.harness import Harness
from florin_contracts.identity import AccessGranted, AccessReduced
from florin_contracts.permissions import SECTIONS, Permission, Section
from florin_contracts.providers import (
    DepartmentChanged,
    DepartmentCreated,
    EmployeeChanged,
    EmployeeInvited,
)
from florin_identity.models import Access, AccessRules, DueReckoning
from florin_identity.models.access_rules import fingerprint
from florin_identity.use_cases import reckon_department, reckon_everybody
from florin_identity.use_cases.reckon_everybody import follow_rules, work_through

SUPPORT = frozenset(SECTIONS[Section.SUPPORT])


@pytest.fixture(autouse=True)
def _small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two at once, and steps of two, so that a handful is many."""
    monkeypatch.setattr(reckon_department, "AT_ONCE_MAX", 2)
    monkeypatch.setattr(reckon_everybody, "STEP", 2)
    monkeypatch.setattr(reckon_everybody, "MARKED_AT_ONCE", 2)


def support() -> DepartmentCreated:
    return DepartmentCreated(
        id=new_id(), name="support", sections=(Section.SUPPORT,), permissions=()
    )


def emptied(department: DepartmentCreated) -> DepartmentChanged:
    return DepartmentChanged(**department.model_dump() | {"sections": ()})


async def members(identity: Harness, department: DepartmentCreated, count: int) -> list[UUID]:
    events = [
        employee(email=f"{n}@example.com", department_ids=(department.id,)) for n in range(count)
    ]
    await identity.deliver(department, *events)
    return sorted(event.id for event in events)


async def permissions(identity: Harness, ids: Sequence[UUID]) -> list[frozenset[str]]:
    async with identity.begin() as transaction:
        rows = await transaction.session.scalars(select(Access).order_by(Access.id))
        return [frozenset(row.permissions) for row in rows if row.id in ids]


async def due(identity: Harness) -> list[UUID]:
    async with identity.begin() as transaction:
        marked = select(DueReckoning.user_id).order_by(DueReckoning.user_id)
        return list(await transaction.session.scalars(marked))


async def reduced(identity: Harness) -> list[dict[str, Any]]:
    return [event["envelope"] for event in await identity.stated(AccessReduced)]


async def test_a_large_departments_change_reckons_some_at_once_and_marks_the_rest(
    identity: Harness,
) -> None:
    ids = await members(identity, department := support(), 5)
    await identity.deliver(emptied(department))
    assert await permissions(identity, ids) == [frozenset()] * 2 + [SUPPORT] * 3
    assert await due(identity) == ids[2:]
    assert await work_through(identity.begin) == 3
    assert await permissions(identity, ids) == [frozenset()] * 5
    assert await due(identity) == []


async def test_many_departments_in_one_batch_share_what_is_reckoned_at_once(
    identity: Harness,
) -> None:
    departments = [support() for _ in range(3)]
    for n, department in enumerate(departments):
        events = (
            employee(email=f"{n}{m}@example.com", department_ids=(department.id,)) for m in (1, 2)
        )
        await identity.deliver(department, *events)
    await identity.deliver(*map(emptied, departments))  # neighbours of one topic are a batch
    assert len(await reduced(identity)) == 2
    assert len(await due(identity)) == 4


async def test_what_is_reckoned_later_names_who_changed_the_department(identity: Harness) -> None:
    await members(identity, department := support(), 4)
    await identity.deliver(emptied(department))
    await work_through(identity.begin)
    envelopes = await reduced(identity)
    assert len(envelopes) == 4
    assert {one["actor"] for one in envelopes} == {"user/test"}
    assert len({one["causationid"] for one in envelopes}) == 1


async def test_nobody_gets_a_token_with_a_right_that_is_lost_but_not_reckoned_yet(
    identity: Harness,
) -> None:
    await members(identity, department := support(), 2)
    event = await working(identity, email="z@example.com", department_ids=(department.id,))
    before = await actor_of(identity, await token_of(identity, event.email))
    assert before.permissions == SUPPORT
    await identity.deliver(emptied(department))
    assert await due(identity) == [event.id]
    after = await actor_of(identity, await token_of(identity, event.email))
    assert (after.permissions, await due(identity)) == (frozenset(), [])
    (own,) = [one for one in await reduced(identity) if one["subject"] == str(event.id)]
    assert own["actor"] == "user/test"  # who signed in did not take its own right away


async def test_a_refresh_reckons_first_too(identity: Harness) -> None:
    await members(identity, department := support(), 2)
    event = await working(identity, email="z@example.com", department_ids=(department.id,))
    session = (await sign_in(identity, event.email)).json()
    await identity.deliver(emptied(department))
    body = {"refresh_token": session["refresh_token"]}
    answer = await identity.http.post("/sessions/refresh", json=body)
    assert answer.status_code == 200, answer.text
    actor = await actor_of(identity, answer.json()["access_token"])
    assert actor.permissions == frozenset()


async def test_several_work_through_at_once_and_none_is_reckoned_twice(identity: Harness) -> None:
    ids = await members(identity, department := support(), 9)
    await identity.deliver(emptied(department))
    done = await asyncio.gather(*(work_through(identity.begin) for _ in range(3)))
    while await due(identity):
        done.append(await work_through(identity.begin))
    assert sum(done) == 7
    assert sorted(one["subject"] for one in await reduced(identity)) == sorted(map(str, ids))


async def test_what_another_has_locked_is_left_for_the_next_turn(identity: Harness) -> None:
    ids = await members(identity, department := support(), 4)
    await identity.deliver(emptied(department))
    async with identity.begin() as transaction:
        locked = select(Access).where(Access.id == ids[3]).with_for_update()
        await transaction.session.scalar(locked)
        async with asyncio.timeout(10):
            assert await work_through(identity.begin) == 1
    assert await due(identity) == [ids[3]]
    assert await work_through(identity.begin) == 1


async def test_a_change_while_another_is_worked_through_is_not_missed(identity: Harness) -> None:
    ids = await members(identity, department := support(), 4)
    await identity.deliver(emptied(department), DepartmentChanged(**department.model_dump()))
    await work_through(identity.begin)
    assert await permissions(identity, ids) == [SUPPORT] * 4


async def test_who_was_there_before_access_was_kept_is_reckoned(identity: Harness) -> None:
    event = employee(permissions=(Permission.USERS_READ,))
    await identity.deliver(event)
    await _forget_access(identity)
    await follow_rules(identity.begin)
    assert await work_through(identity.begin) == 1
    assert await permissions(identity, [event.id]) == [frozenset({Permission.USERS_READ})]
    assert [e["envelope"]["sequence"] for e in await identity.stated(AccessGranted)] == [1]


async def _forget_access(identity: Harness) -> None:
    """As the migration leaves a user that was there: nothing known, nothing stated."""
    async with identity.runtime.database.engine.begin() as connection:
        await connection.execute(text("UPDATE access SET permissions = '{}', version = 0"))
        await connection.execute(text("DELETE FROM outbox WHERE topic LIKE 'identity-access%'"))
        await connection.execute(text("DELETE FROM audit WHERE act LIKE '%.access.%'"))


async def earlier_release(identity: Harness, *, complete: bool = True) -> None:
    """Its rules were followed; a release since has others."""
    async with identity.begin() as transaction:
        row: dict[str, Any] = {"fingerprint": "of an earlier release", "complete": complete}
        transaction.session.add(AccessRules(**row))


async def test_new_rules_reckon_everybody_once(identity: Harness) -> None:
    ids = await members(identity, support(), 5)
    await earlier_release(identity)
    await follow_rules(identity.begin)
    assert await due(identity) == ids
    assert await work_through(identity.begin) == 5
    await follow_rules(identity.begin)
    assert await due(identity) == []


async def test_marking_goes_on_where_it_was_cut_short(identity: Harness) -> None:
    ids = await members(identity, support(), 5)
    async with identity.begin() as transaction:
        row: dict[str, Any] = {"fingerprint": fingerprint(), "complete": False, "marked_to": ids[1]}
        transaction.session.add(AccessRules(**row))
    await follow_rules(identity.begin)
    assert await due(identity) == ids[2:]


async def test_a_process_of_an_earlier_release_leaves_the_rest_to_one_of_the_latest(
    identity: Harness,
) -> None:
    ids = await members(identity, support(), 3)
    await follow_rules(identity.begin)
    await work_through(identity.begin)
    async with identity.begin() as transaction:
        row: dict[str, Any] = {"fingerprint": "of a later release", "complete": True}
        transaction.session.add(AccessRules(**row))
    await follow_rules(identity.begin)
    assert await due(identity) == []  # ours are not the rules that count
    fact = EmployeeInvited(**employee(email="x@example.com").model_dump() | {"id": ids[0]})
    await identity.deliver(EmployeeChanged(**fact.model_dump()))
    assert await due(identity) == [ids[0]]
    assert await work_through(identity.begin) == 0  # not by us


async def test_going_back_to_an_earlier_release_can_be_said(identity: Harness) -> None:
    ids = await members(identity, support(), 3)
    await follow_rules(identity.begin)
    await work_through(identity.begin)
    await earlier_release(identity)  # newer than ours: we went back
    await follow_rules(identity.begin, again=True)
    assert await due(identity) == ids
    async with identity.begin() as transaction:
        newest = select(AccessRules.fingerprint).order_by(AccessRules.number.desc()).limit(1)
        assert await transaction.session.scalar(newest) == fingerprint()
        assert await transaction.session.scalar(select(func.count(AccessRules.number))) == 2
