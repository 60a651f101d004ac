"""Invitations: by letter, or by a token that whoever may invite hands over; one of them is used."""

from datetime import datetime, timedelta
from typing import Final, NamedTuple
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from florin_chassis.errors import Forbidden, Refusal
from florin_identity.models.one_time_link import (
    Followed,
    LinkPurpose,
    find_link,
    forget_links,
    issue_link,
    use_link,
)

_BOTH_WAYS: Final = (LinkPurpose.INVITATION, LinkPurpose.INVITATION_BY_HAND)


class InvitationNotValid(Refusal):
    """The invitation is unknown, used, replaced by a later one, or expired."""

    code = "invitation_not_valid"


class GrantsMoreThanHeld(Forbidden):
    """An invitation opens a login that may do more, or elsewhere, than the inviter may."""

    code = "grants_more_than_held"


class Invited(NamedTuple):
    """The token, told once, and when it expires."""

    invitation_token: str
    expires_at: datetime


async def issue_invitation(session: AsyncSession, user_id: UUID, life: timedelta) -> Invited:
    """A fresh invitation to hand over; whatever invited the user before stops working."""
    await session.flush()
    await forget_invitations(session, user_id)
    return Invited(*await issue_link(session, user_id, LinkPurpose.INVITATION_BY_HAND, life))


async def forget_invitations(session: AsyncSession, user_id: UUID) -> None:
    """Whatever invited the user before stops working."""
    await forget_links(session, user_id, *_BOTH_WAYS)


async def find_invited(session: AsyncSession, token: str) -> UUID:
    """Whom the token invites; raises `InvitationNotValid`."""
    return _valid(await find_link(session, token, *_BOTH_WAYS)).user_id


async def use_invitation(session: AsyncSession, token: str) -> bool:
    """Take the token out of use for good, and its fellow; whether it came by letter.

    Raises `InvitationNotValid` if someone did before.
    """
    followed = _valid(await use_link(session, token, *_BOTH_WAYS))
    await forget_invitations(session, followed.user_id)
    return followed.purpose is LinkPurpose.INVITATION


def _valid(followed: Followed | None) -> Followed:
    if followed is None:
        raise InvitationNotValid("the invitation is unknown, used, replaced or expired")
    return followed
