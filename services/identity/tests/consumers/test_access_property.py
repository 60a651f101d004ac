"""Whatever the order in which facts arrive, and how often: access is what the latest add up to."""

from typing import Any
from uuid import UUID

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from services.identity.tests.making import employee
from sqlalchemy import select

from florin_chassis.ids import new_id
from florin_chassis.testing.harness import Harness
from florin_contracts.event import Event
from florin_contracts.identity import AccessGranted, AccessReduced
from florin_contracts.permissions import SECTIONS, Permission, Section
from florin_contracts.providers import (
    DepartmentChanged,
    DepartmentCreated,
    EmployeeChanged,
    EmployeeInvited,
    EmployeeStatus,
)
from florin_identity.models import Access

DEPARTMENTS = (0, 1, 2)
ALL = frozenset(Permission)
some_permissions = st.sets(st.sampled_from(sorted(Permission)), max_size=3)
employees = st.fixed_dictionaries(
    {
        "status": st.sampled_from([*EmployeeStatus, EmployeeStatus.ACTIVE]),
        "administrator": st.sampled_from([False, False, False, True]),
        "provider_ids": st.sets(st.sampled_from([UUID(int=1), UUID(int=2)])).map(tuple),
        "department_ids": st.sets(st.sampled_from(DEPARTMENTS)).map(tuple),
        "permissions": some_permissions.map(tuple),
    }
)
departments = st.fixed_dictionaries(
    {
        "sections": st.sets(st.sampled_from(sorted(Section)), max_size=2).map(tuple),
        "permissions": some_permissions.map(tuple),
    }
)


@st.composite
def histories(draw: st.DrawFn) -> tuple[list[Any], list[list[Any]], list[tuple[int, int]]]:
    """An employee's states, those of three departments, and an order of arrival with repeats."""
    life = _until_ended(draw(st.lists(employees, min_size=1, max_size=4)))
    lives = [draw(st.lists(departments, max_size=3)) for _ in DEPARTMENTS]
    facts = [(-1, n) for n in range(len(life))]
    facts += [(d, n) for d in DEPARTMENTS for n in range(len(lives[d]))]
    repeated = draw(st.lists(st.sampled_from(facts), max_size=6))
    return life, lives, draw(st.permutations(facts + repeated))


def _until_ended(life: list[Any]) -> list[Any]:
    """Who has ended has done so for good: providers states nothing of it any more."""
    ended = [n for n, state in enumerate(life) if state["status"] is EmployeeStatus.ENDED]
    return life[: ended[0] + 1] if ended else life


def expected(life: list[Any], lives: list[list[Any]]) -> tuple[Any, ...]:
    """Permissions, everywhere and providers, written down as a person would reckon them."""
    last = life[-1]
    if last["status"] in {EmployeeStatus.SUSPENDED, EmployeeStatus.ENDED}:
        return frozenset(), False, frozenset()
    if last["administrator"]:
        return ALL, True, frozenset()
    permissions = set(last["permissions"])
    for number in last["department_ids"]:
        for state in lives[number][-1:]:
            permissions |= {*state["permissions"]}
            permissions |= {p for section in state["sections"] for p in SECTIONS[section]}
    providers = frozenset(last["provider_ids"])
    return frozenset(permissions), not providers, providers


@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(histories())
async def test_access_is_what_the_latest_facts_add_up_to_in_whichever_order_they_came(
    identity: Harness, history: Any
) -> None:
    life, lives, arrivals = history
    user_id, ids = new_id(), [new_id() for _ in DEPARTMENTS]
    for which, number in arrivals:
        fact = _department(ids, lives, which, number) if which >= 0 else None
        fact = fact or _employee(user_id, ids, life, number)
        await identity.deliver(fact, sequence=number + 1)
    stored = await _stored(identity, user_id)
    assert stored is None or stored == expected(life, lives)
    assert stored is not None or life[-1]["status"] is EmployeeStatus.ENDED
    await _reductions_are_exact(identity, user_id)


def _employee(user_id: UUID, ids: list[UUID], life: list[Any], number: int) -> Event:
    departments_ = {"department_ids": tuple(ids[n] for n in life[number]["department_ids"])}
    state = employee(id=user_id, email=f"{user_id}@example.com").model_dump()
    kind = EmployeeInvited if number == 0 else EmployeeChanged
    return kind(**state | life[number] | departments_)


def _department(ids: list[UUID], lives: list[list[Any]], which: int, number: int) -> Event:
    kind = DepartmentCreated if number == 0 else DepartmentChanged
    return kind(id=ids[which], name="a department", **lives[which][number])


async def _stored(identity: Harness, user_id: UUID) -> tuple[Any, ...] | None:
    async with identity.begin() as transaction:
        access = await transaction.session.scalar(select(Access).where(Access.id == user_id))
        if access is None:
            return None
        return frozenset(access.permissions), access.everywhere, frozenset(access.provider_ids)


async def _reductions_are_exact(identity: Harness, user_id: UUID) -> None:
    """Replayed, every reduction lost something, and nothing was lost without one."""
    events = [
        (event["envelope"]["sequence"], kind, event["data"])
        for kind in (AccessGranted, AccessReduced)
        for event in await identity.stated(kind)
        if event["data"]["id"] == str(user_id)
    ]
    before: dict[str, Any] = {"permissions": [], "everywhere": False, "provider_ids": []}
    for _, kind, after in sorted(events, key=lambda event: event[0]):
        lost = not {*before["permissions"]} <= {*after["permissions"]}
        if not after["everywhere"]:
            lost |= before["everywhere"] or not (
                {*before["provider_ids"]} <= {*after["provider_ids"]}
            )
        assert (kind is AccessReduced) == lost, (before, after)
        before = after
