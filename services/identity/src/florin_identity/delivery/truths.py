"""Whether a letter is still true when its turn comes: the world may have gone on without it."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import exists, select
from sqlalchemy.ext.asyncio import AsyncSession

from florin_contracts.identity import UserStatus
from florin_identity.models.email_change import EmailChange
from florin_identity.models.letter import Letter, LetterKind, LetterStatus
from florin_identity.models.one_time_link import OneTimeLink
from florin_identity.models.user import User

_NOTICES: Final = {
    LetterKind.PASSWORD_CHANGED,
    LetterKind.EMAIL_CHANGED,
    LetterKind.SECOND_FACTORS_CHANGED,
}
"""These tell of what has been: they stay true."""

_CHANGES: Final = {LetterKind.EMAIL_CHANGE_OLD, LetterKind.EMAIL_CHANGE_NEW}
_SUPPOSED: Final[dict[LetterKind, Callable[[User], bool]]] = {
    LetterKind.INVITATION: lambda user: user.status is UserStatus.INVITED,
    LetterKind.EMAIL_VERIFICATION: lambda user: not user.email_verified,
    LetterKind.PASSWORD_RESET: lambda user: user.status is UserStatus.ACTIVE,
}
_AGAIN_AFTER: Final = timedelta(minutes=1)
_SELDOM: Final = {LetterKind.EMAIL_IN_USE: timedelta(days=1)}
"""What strangers can have sent to anybody is sent no more often than this."""


async def is_true(session: AsyncSession, letter: Letter, user: User) -> bool:
    """Whether the user is as the letter supposes, and the address still the one to write to."""
    if letter.kind in _NOTICES:
        return True
    if letter.kind in _CHANGES:
        return await _is_changing(session, letter, user)
    if user.email != letter.recipient:
        return False
    if letter.kind in _SELDOM:
        return not await _was_sent_lately(session, letter)
    return _SUPPOSED[letter.kind](user)


async def was_linked_lately(session: AsyncSession, user_id: UUID, purpose: str) -> bool:
    """Whether a link for this, still good, was made within the last minute: one letter will do."""
    since = datetime.now(UTC) - _AGAIN_AFTER
    wanted = exists().where(
        OneTimeLink.user_id == user_id,
        OneTimeLink.purpose == purpose,
        OneTimeLink.issued_at > since,
    )
    return bool(await session.scalar(select(wanted)))


async def _is_changing(session: AsyncSession, letter: Letter, user: User) -> bool:
    change = await session.get(EmailChange, user.id)
    if change is None or change.expires_at <= datetime.now(UTC):
        return False
    old = letter.kind is LetterKind.EMAIL_CHANGE_OLD
    return letter.recipient == (user.email if old else change.email)


async def _was_sent_lately(session: AsyncSession, letter: Letter) -> bool:
    wanted = exists().where(
        Letter.recipient == letter.recipient,
        Letter.kind == letter.kind,
        Letter.status == LetterStatus.SENT,
        Letter.ended_at > datetime.now(UTC) - _SELDOM[letter.kind],
    )
    return bool(await session.scalar(select(wanted)))
