"""Logins follow from what the owners of people state."""

from uuid import UUID

from services.identity.tests.making import (
    EMAIL,
    accept,
    employee,
    invitation,
    member,
    registered,
    sign_in,
    working,
)
from sqlalchemy import select

from florin_chassis.testing.harness import Harness
from florin_contracts.clients import (
    ClientUserRemoved,
    ClientUserStatus,
)
from florin_contracts.identity import AccessReduced, UserInvited, UserLeft
from florin_contracts.providers import EmployeeChanged, EmployeeEnded, EmployeeStatus
from florin_identity.models import SecurityAct, SecurityEntry


async def test_an_invited_client_user_gets_a_login_and_signs_in(identity: Harness) -> None:
    event = member()
    await identity.deliver(event)
    (invited,) = await identity.stated(UserInvited)
    assert invited["data"]["id"] == str(event.id)
    assert (invited["data"]["kind"], invited["data"]["client_id"]) == (
        "client",
        str(event.client_id),
    )
    assert (await accept(identity, await invitation(identity, event.id))).status_code == 200
    assert (await sign_in(identity, event.email or "")).status_code == 201


async def test_an_address_that_is_a_login_already_makes_none_and_holds_up_nothing(
    identity: Harness,
) -> None:
    user = (await registered(identity))["user"]
    event, staff = member(email=EMAIL), employee(email=EMAIL)
    await identity.deliver(event, staff)
    assert await identity.stated(UserInvited) == []
    noted = select(SecurityEntry).where(SecurityEntry.act == SecurityAct.INVITED)
    async with identity.begin() as transaction:
        entries = (await transaction.session.scalars(noted.order_by(SecurityEntry.id))).all()
    assert [entry.details["invited"] for entry in entries] == [str(event.id), str(staff.id)]
    assert {(str(entry.subject), entry.details["refused"]) for entry in entries} == {
        (user["id"], "email_taken")
    }
    other = EmployeeChanged(**staff.model_dump() | {"email": "sam@n-1.example"})
    await identity.deliver(other)
    (invited,) = await identity.stated(UserInvited)
    assert invited["data"]["email"] == "sam@n-1.example"


async def test_who_left_signs_in_no_more_and_its_address_is_free(identity: Harness) -> None:
    event = await working(identity)
    await identity.deliver(EmployeeEnded(**event.model_dump() | {"status": EmployeeStatus.ENDED}))
    (left,) = await identity.stated(UserLeft)
    assert (left["data"]["id"], left["data"]["status"]) == (str(event.id), "left")
    assert len(await identity.stated(AccessReduced)) == 1  # it has no place any more
    assert (await sign_in(identity, event.email)).status_code == 401
    again = employee(email=event.email)
    await identity.deliver(again)
    assert (await accept(identity, await invitation(identity, again.id))).status_code == 200
    assert (await sign_in(identity, event.email)).status_code == 201


async def test_a_removed_client_user_has_left_for_good(identity: Harness) -> None:
    made = await registered(identity)
    user_id = UUID(made["user"]["id"])
    removed = member(
        id=user_id, client_id=made["client_id"], email=None, status=ClientUserStatus.REMOVED
    )
    await identity.deliver(ClientUserRemoved(**removed.model_dump()))
    assert (await sign_in(identity)).status_code == 401
    headers = identity.signed_in("users:write", everywhere=True)
    answer = await identity.http.post(f"/users/{user_id}/resume", headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (403, "may_do_more_than_you")
    assert len(await identity.stated(AccessReduced)) == 1
