"""What follows from logins: the first administrator's employee, and employees that join."""

from typing import Any, TypeVar
from uuid import UUID

import pytest
from services.providers.tests.making import administrator, made

from florin_chassis.errors import NotFound
from florin_chassis.ids import new_id
from florin_chassis.testing.harness import Harness
from florin_contracts.event import Event
from florin_contracts.identity import (
    UserActivated,
    UserEmailChanged,
    UserInvited,
    UserKind,
    UserStatus,
)
from florin_contracts.providers import (
    DepartmentCreated,
    EmployeeChanged,
    EmployeeInvited,
    EmployeeJoined,
)
from florin_providers.models import EmailTaken

E = TypeVar("E", bound=Event)


def login(event: type[E], user_id: UUID, **changes: Any) -> E:
    invited = event is UserInvited
    state = {
        "id": user_id,
        "name": "Administrator",
        "email": "root@n-1.example",
        "kind": UserKind.EMPLOYEE,
        "status": UserStatus.INVITED if invited else UserStatus.ACTIVE,
        "administrator": True,
        "client_id": None,
    }
    return event(**state | changes)


async def invited(providers: Harness) -> UUID:
    created = await made(providers, "/employees", {"name": "Ada", "email": "ada@n-1.example"})
    return UUID(created["id"])


async def test_the_login_made_at_installation_becomes_the_first_administrator(
    providers: Harness,
) -> None:
    user_id = new_id()
    await providers.deliver(login(UserInvited, user_id))
    (event,) = await providers.stated(EmployeeInvited)
    assert event["data"] == {
        "id": str(user_id),
        "name": "Administrator",
        "email": "root@n-1.example",
        "status": "invited",
        "administrator": True,
        "provider_ids": [],
        "department_ids": [],
        "permissions": [],
        "external_id": None,
    }
    assert event["envelope"]["actor"] == "user/test"


async def test_sales_and_technical_support_are_there_from_installation_on(
    providers: Harness,
) -> None:
    await providers.deliver(login(UserInvited, new_id()))
    made_ = [event["data"] for event in await providers.stated(DepartmentCreated)]
    assert {department["name"]: department["sections"] for department in made_} == {
        "Sales": ["clients"],
        "Technical support": ["support"],
    }


async def test_a_default_department_that_was_removed_or_renamed_is_not_made_again(
    providers: Harness,
) -> None:
    await providers.deliver(login(UserInvited, new_id()))
    first, second = [e["data"]["id"] for e in await providers.stated(DepartmentCreated)]
    headers = administrator(providers)
    await providers.http.delete(f"/departments/{first}", headers=headers)
    await providers.http.patch(f"/departments/{second}", json={"name": "Help"}, headers=headers)
    await providers.deliver(login(UserInvited, new_id(), email="second@n-1.example"))
    listed = await providers.http.get("/departments", headers=headers)
    assert [department["name"] for department in listed.json()["data"]] == ["Help"]
    assert len(await providers.stated(DepartmentCreated)) == 2


async def test_the_administrator_is_made_once_however_often_its_login_is_stated(
    providers: Harness,
) -> None:
    user_id = new_id()
    for sequence in (1, 2):
        await providers.deliver(login(UserInvited, user_id), sequence=sequence)
    assert len(await providers.stated(EmployeeInvited)) == 1
    assert len(await providers.stated(DepartmentCreated)) == 2


async def test_the_login_of_an_employee_that_was_invited_here_makes_nobody(
    providers: Harness,
) -> None:
    employee_id = await invited(providers)
    await providers.deliver(
        login(UserInvited, employee_id, email="ada@n-1.example", administrator=False),
        login(UserInvited, new_id(), email="eve@n-1.example", administrator=False),
    )
    assert len(await providers.stated()) == 1


async def test_an_employee_joins_once_when_its_login_is_activated(providers: Harness) -> None:
    employee_id = await invited(providers)
    for sequence in (2, 3):
        await providers.deliver(
            login(UserActivated, employee_id, administrator=False), sequence=sequence
        )
    (event,) = await providers.stated(EmployeeJoined)
    assert (event["data"]["id"], event["data"]["status"]) == (str(employee_id), "active")
    assert event["envelope"]["sequence"] == 2


async def test_the_administrator_may_be_invited_and_join_in_one_batch(providers: Harness) -> None:
    user_id = new_id()
    await providers.deliver(login(UserInvited, user_id), login(UserActivated, user_id))
    stated = await providers.stated()
    facts = [e["envelope"]["type"] for e in stated if e["data"]["id"] == str(user_id)]
    assert facts == [EmployeeInvited.type, EmployeeJoined.type]


async def test_the_login_of_a_client_is_none_of_our_business(providers: Harness) -> None:
    client = {"kind": UserKind.CLIENT, "client_id": new_id(), "administrator": False}
    await providers.deliver(login(UserActivated, new_id(), **client))
    assert await providers.stated() == []


async def test_an_activated_login_without_an_employee_is_a_fault_to_see(
    providers: Harness,
) -> None:
    with pytest.raises(NotFound):
        await providers.deliver(login(UserActivated, new_id()))
    assert await providers.stated() == []


async def test_an_administrator_with_an_employees_email_is_a_fault_to_see(
    providers: Harness,
) -> None:
    await invited(providers)
    with pytest.raises(EmailTaken):
        await providers.deliver(login(UserInvited, new_id(), email="ada@n-1.example"))
    assert len(await providers.stated()) == 1


async def test_an_employee_that_is_suspended_before_it_joins_stays_so_and_resumes_as_active(
    providers: Harness,
) -> None:
    employee_id = await invited(providers)
    await act(providers, "suspend", employee_id)
    await providers.deliver(login(UserActivated, employee_id, administrator=False))
    (event,) = await providers.stated(EmployeeJoined)
    assert event["data"]["status"] == "suspended"
    assert (await act(providers, "resume", employee_id))["status"] == "active"


async def test_one_that_has_left_joins_no_more(providers: Harness) -> None:
    employee_id = await invited(providers)
    await act(providers, "end", employee_id)
    await providers.deliver(login(UserActivated, employee_id, administrator=False))
    assert await providers.stated(EmployeeJoined) == []


async def test_an_employee_is_known_by_the_address_that_it_signs_in_with(
    providers: Harness,
) -> None:
    employee_id = await invited(providers)
    event = login(UserEmailChanged, employee_id, email="ada@home.example", administrator=False)
    for sequence in (3, 4):
        await providers.deliver(event, sequence=sequence)
    (changed,) = await providers.stated(EmployeeChanged)
    assert changed["data"]["email"] == "ada@home.example"
    await providers.deliver(
        login(UserEmailChanged, new_id(), kind=UserKind.CLIENT, administrator=False)
    )


async def act(providers: Harness, verb: str, employee_id: UUID) -> dict[str, Any]:
    answer = await providers.http.post(
        f"/employees/{employee_id}/{verb}", headers=administrator(providers)
    )
    return dict(answer.json())
