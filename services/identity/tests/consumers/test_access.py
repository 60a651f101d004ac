"""What a user may do follows from what others state, in the transaction of the fact."""

from typing import Any
from uuid import UUID

import pytest
from services.identity.tests.making import employee, registered, working

from florin_chassis.ids import new_id
from florin_chassis.testing.harness import Harness
from florin_contracts.clients import ClientUserAdded, ClientUserStatus, ClientUserSuspended
from florin_contracts.identity import AccessGranted, AccessReduced
from florin_contracts.permissions import CLIENT_ROLES, SECTIONS, ClientRole, Permission, Section
from florin_contracts.providers import (
    DepartmentChanged,
    DepartmentCreated,
    EmployeeChanged,
    EmployeeEnded,
    EmployeeResumed,
    EmployeeState,
    EmployeeStatus,
    EmployeeSuspended,
)


async def access(identity: Harness, user_id: UUID) -> list[tuple[str, dict[str, Any]]]:
    """What was stated of a user's access, oldest first: granted or reduced, and the state."""
    return [
        (event["envelope"]["type"].split(".")[3], event["data"])
        for kind in (AccessGranted, AccessReduced)
        for event in await identity.stated(kind)
        if event["data"]["id"] == str(user_id)
    ]


async def last(identity: Harness, user_id: UUID) -> tuple[str, set[str]]:
    """What was stated last of a user's access, and the permissions."""
    events = [
        event
        for kind in (AccessGranted, AccessReduced)
        for event in await identity.stated(kind)
        if event["data"]["id"] == str(user_id)
    ]
    newest = max(events, key=lambda event: event["envelope"]["sequence"])
    return newest["envelope"]["type"].split(".")[3], set(newest["data"]["permissions"])


def department(*sections: Section, permissions: tuple[Permission, ...] = ()) -> DepartmentCreated:
    return DepartmentCreated(
        id=new_id(), name="technical support", sections=sections, permissions=permissions
    )


def changed(event: EmployeeState, kind: Any = EmployeeChanged, **changes: Any) -> Any:
    return kind(**(event.model_dump() | changes))


async def test_who_registers_has_access_in_the_same_transaction(identity: Harness) -> None:
    made = await registered(identity)
    user, granted = await identity.stated()
    assert granted["data"] == {
        "id": made["user"]["id"],
        "permissions": sorted(CLIENT_ROLES[ClientRole.OWNER]),
        "everywhere": False,
        "provider_ids": [],
        "client_ids": [made["client_id"]],
    }
    assert granted["envelope"]["type"] == AccessGranted.type
    assert granted["envelope"]["actor"] == user["envelope"]["actor"]


async def test_an_invited_employee_has_its_access_with_its_login(identity: Harness) -> None:
    support = department(Section.SUPPORT)
    n1 = new_id()
    event = employee(department_ids=(support.id,), provider_ids=(n1,))
    await identity.deliver(support, event)
    ((kind, state),) = await access(identity, event.id)
    assert kind == "granted"
    assert state["permissions"] == sorted(SECTIONS[Section.SUPPORT])
    assert (state["provider_ids"], state["everywhere"]) == ([str(n1)], False)


async def test_a_department_that_has_not_arrived_allows_nothing_until_it_does(
    identity: Harness,
) -> None:
    support = department(Section.SUPPORT)
    event = employee(department_ids=(support.id,))
    await identity.deliver(event)
    assert await last(identity, event.id) == ("granted", set())
    await identity.deliver(support)
    assert await last(identity, event.id) == ("granted", {*SECTIONS[Section.SUPPORT]})


async def test_a_departments_change_reaches_its_members_and_nobody_else(identity: Harness) -> None:
    support = department(Section.SUPPORT)
    member, stranger = employee(department_ids=(support.id,)), employee(email="x@example.com")
    await identity.deliver(support, member, stranger)
    less = DepartmentChanged(**support.model_dump() | {"sections": (), "permissions": ()})
    await identity.deliver(less)
    assert await last(identity, member.id) == ("reduced", set())
    assert len(await access(identity, stranger.id)) == 1


async def test_a_change_that_changes_nothing_states_nothing(identity: Harness) -> None:
    support = department(Section.SUPPORT)
    event = employee(department_ids=(support.id,))
    await identity.deliver(support, event)
    renamed = DepartmentChanged(**support.model_dump() | {"name": "support"})
    await identity.deliver(renamed, changed(event, name="Samuel"))
    assert len(await access(identity, event.id)) == 1


@pytest.mark.parametrize(
    ("before", "after", "kind"),
    [
        (
            {"permissions": ("users:read",)},
            {"permissions": ("users:read", "users:write")},
            "granted",
        ),
        ({"permissions": ("users:read",)}, {"permissions": ("users:write",)}, "reduced"),
        ({"provider_ids": (UUID(int=1),)}, {"provider_ids": (UUID(int=1), UUID(int=2))}, "granted"),
        ({"provider_ids": (UUID(int=1),)}, {"provider_ids": (UUID(int=2),)}, "reduced"),
        ({"provider_ids": (UUID(int=1),)}, {"provider_ids": ()}, "granted"),
        ({"provider_ids": ()}, {"provider_ids": (UUID(int=1),)}, "reduced"),
        ({"administrator": True}, {"administrator": False}, "reduced"),
        ({"provider_ids": (UUID(int=1),)}, {"administrator": True}, "granted"),
        (
            {"permissions": ("users:read",), "provider_ids": (UUID(int=1),)},
            {"permissions": ("users:read", "users:write"), "provider_ids": (UUID(int=2),)},
            "reduced",
        ),
    ],
)
async def test_any_lost_right_or_place_is_a_reduction(
    identity: Harness, before: dict[str, Any], after: dict[str, Any], kind: str
) -> None:
    event = employee(**before)
    await identity.deliver(event, changed(event, **after))
    assert (await last(identity, event.id))[0] == kind


async def test_who_is_suspended_or_has_left_may_do_nothing_anywhere(identity: Harness) -> None:
    event = await working(identity, administrator=True)
    for kind, status, allowed in (
        (EmployeeSuspended, EmployeeStatus.SUSPENDED, "reduced"),
        (EmployeeResumed, EmployeeStatus.ACTIVE, "granted"),
        (EmployeeEnded, EmployeeStatus.ENDED, "reduced"),
    ):
        await identity.deliver(changed(event, kind, status=status))
        stated, permissions = await last(identity, event.id)
        assert (stated, bool(permissions)) == (allowed, allowed == "granted")
    (*_, (_, state)) = sorted(await access(identity, event.id), key=lambda e: e[0])
    assert (state["everywhere"], state["provider_ids"]) == (False, [])


async def test_a_client_user_loses_all_when_its_place_is_suspended(identity: Harness) -> None:
    made = await registered(identity)
    user_id = UUID(made["user"]["id"])
    place = ClientUserAdded(
        id=user_id,
        client_id=UUID(made["client_id"]),
        name="Vega",
        role=ClientRole.FINANCE,
        permissions=(Permission.SERVICES_READ,),
    )
    await identity.deliver(place)
    finance = CLIENT_ROLES[ClientRole.FINANCE] | {Permission.SERVICES_READ}
    assert await last(identity, user_id) == ("reduced", {*finance})
    status = {"status": ClientUserStatus.SUSPENDED}
    await identity.deliver(ClientUserSuspended(**place.model_dump() | status))
    assert await last(identity, user_id) == ("reduced", set())


async def test_words_of_a_newer_release_allow_nothing(identity: Harness) -> None:
    strange = department().model_copy(update={"sections": ("moon",), "permissions": ("moon:walk",)})
    event = employee(department_ids=(strange.id,)).model_copy(
        update={"permissions": ("moon:land", Permission.USERS_READ)}
    )
    await identity.deliver(strange, event)
    assert await last(identity, event.id) == ("granted", {"users:read"})
    later = changed(event, status="dreaming")
    await identity.deliver(later)
    assert await last(identity, event.id) == ("reduced", set())


async def test_the_event_names_who_changed_the_rights(identity: Harness) -> None:
    event = employee(permissions=(Permission.USERS_READ,))
    await identity.deliver(event)
    (granted,) = await identity.stated(AccessGranted)
    assert granted["envelope"]["actor"] == "user/test"
    assert granted["envelope"]["causationid"]
