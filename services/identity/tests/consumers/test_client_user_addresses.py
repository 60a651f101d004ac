"""A client's person is invited at the address that the client names, until it has signed up."""

from typing import Any

from services.identity.tests.making import EMAIL, accept, invitation, member, registered
from services.identity.tests.proving import noted

from florin_chassis.testing.harness import Harness
from florin_contracts.clients import (
    ClientUserChanged,
    ClientUserInvited,
    ClientUserRemoved,
    ClientUserStatus,
    InvitationRefusal,
)
from florin_contracts.identity import UserEmailChanged, UserInvited

NEW = "fin@home.example"


def later(event: ClientUserInvited, kind: Any = ClientUserChanged, **changes: Any) -> Any:
    return kind(**event.model_dump() | changes)


async def invited(identity: Harness) -> list[str]:
    return [event["data"]["email"] for event in await identity.stated(UserInvited)]


async def test_who_is_invited_is_reached_where_the_client_says_now_and_not_there_before(
    identity: Harness,
) -> None:
    event = member()
    await identity.deliver(event)
    before = await invitation(identity, event.id)
    await identity.deliver(later(event, email=NEW))
    (changed,) = await identity.stated(UserEmailChanged)
    assert (changed["data"]["email"], changed["data"]["email_verified"]) == (NEW, False)
    refused = await accept(identity, before)
    assert (refused.status_code, refused.json()["code"]) == (409, "invitation_not_valid")
    assert (await accept(identity, await invitation(identity, event.id))).status_code == 200


async def test_the_address_of_who_has_signed_up_is_not_the_clients_to_change(
    identity: Harness,
) -> None:
    event = member()
    await identity.deliver(event)
    await accept(identity, await invitation(identity, event.id))
    await identity.deliver(later(event, email=NEW))
    assert await identity.stated(UserEmailChanged) == []


async def test_who_was_invited_where_somebody_signs_in_gets_a_login_at_another_address(
    identity: Harness,
) -> None:
    await registered(identity)
    event = member(email=EMAIL)
    refused = {"refused_because": InvitationRefusal.ADDRESS_IN_USE}
    await identity.deliver(event, later(event, **refused))
    assert await invited(identity) == []
    assert [line["refused"] for line in await noted(identity, "invited")] == ["email_taken"]
    await identity.deliver(later(event, email=NEW))
    assert await invited(identity) == [NEW]


async def test_nobody_who_is_invited_moves_to_an_address_that_is_anothers(
    identity: Harness,
) -> None:
    await registered(identity)
    event = member()
    await identity.deliver(event, later(event, email=EMAIL))
    assert await identity.stated(UserEmailChanged) == []
    assert [line.get("refused") for line in await noted(identity, "invited")][-1] == "email_taken"


async def test_who_is_invited_before_the_removal_of_who_had_the_address_is_heard_gets_a_login(
    identity: Harness,
) -> None:
    event = member()
    again = member(client_id=event.client_id)
    await identity.deliver(event, again)
    assert await invited(identity) == [event.email]
    await identity.deliver(later(event, ClientUserRemoved, status=ClientUserStatus.REMOVED))
    assert await invited(identity) == [event.email, event.email]
    assert (await accept(identity, await invitation(identity, again.id))).status_code == 200
