"""Until an employee has a password, its login has the address that providers knows it by."""

from typing import Any

import pytest
from services.identity.tests.making import employee, working

from florin_chassis.errors import NotYet
from florin_chassis.testing.harness import Harness
from florin_contracts.identity import UserEmailChanged, UserInvited
from florin_contracts.providers import (
    EmployeeChanged,
    EmployeeEnded,
    EmployeeInvited,
    EmployeeStatus,
)

NEW = "ada@home.example"


def later(event: EmployeeInvited, kind: Any, **changes: Any) -> Any:
    return kind(**event.model_dump() | changes)


async def test_an_invited_employee_is_reached_where_providers_says_now(identity: Harness) -> None:
    event = employee()
    await identity.deliver(event, later(event, EmployeeChanged, email=NEW))
    (changed,) = await identity.stated(UserEmailChanged)
    assert (changed["data"]["email"], changed["data"]["email_verified"]) == (NEW, False)


async def test_the_address_of_who_has_a_password_is_its_own(identity: Harness) -> None:
    event = await working(identity)
    await identity.deliver(later(event, EmployeeChanged, email=NEW))
    assert await identity.stated(UserEmailChanged) == []


async def test_who_left_gives_its_address_up_for_another(identity: Harness) -> None:
    event = await working(identity)
    again = employee(email=event.email)
    with pytest.raises(NotYet):
        await identity.deliver(again, sequence=1)
    await identity.deliver(later(event, EmployeeEnded, status=EmployeeStatus.ENDED), sequence=9)
    await identity.deliver(again, sequence=1)
    given_up = (await identity.stated(UserEmailChanged))[-1]["data"]
    assert given_up["email"] == f"{event.id}@left.invalid"
    invited = [e["data"]["email"] for e in await identity.stated(UserInvited)]
    assert invited[-1] == event.email
