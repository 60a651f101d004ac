"""Looks at a letter again before it is sent: is it still true, and which link belongs in it?"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from florin_chassis.sealing import seal, unseal
from florin_chassis.transaction import Begin, Transaction
from florin_identity.delivery.claims import Claimed
from florin_identity.delivery.links import LINKS, life_of
from florin_identity.delivery.truths import is_true, was_linked_lately
from florin_identity.models.letter import Letter, LetterKind, LetterStatus
from florin_identity.models.one_time_link import LinkPurpose, find_link, issue_link
from florin_identity.models.security_log import SecurityAct, note
from florin_identity.models.user import User, login_at
from florin_identity.settings import Settings


@dataclass(frozen=True, slots=True)
class Prepared:
    """What is to be said to whom; the token is of the link in it, if it has one."""

    letter: Claimed
    token: str | None


class _NothingToSay(Exception):
    """The letter is not true any more, or one like it has just been sent."""


async def prepare(letter: Claimed, settings: Settings, begin: Begin) -> Prepared | None:
    """The letter with its link, made at the first try and kept for the next ones.

    `None` when nothing is to be sent: another process has it now, or it ended here without.
    """
    async with begin() as transaction:
        row = await _locked(transaction.session, letter)
        if row is None:
            return None
        if datetime.now(UTC) - row.written_at > timedelta(hours=settings.letter_waiting_hours_max):
            row.end(LetterStatus.EXPIRED, row.error)
            return None
        try:
            user = await _addressee(transaction, row)
            return Prepared(letter, await _token(transaction, row, user, settings))
        except _NothingToSay:
            row.end(LetterStatus.DROPPED)
            return None


async def _locked(session: AsyncSession, letter: Claimed) -> Letter | None:
    mine = select(Letter).where(Letter.id == letter.id, Letter.claim == letter.claim)
    return (await session.scalars(mine.with_for_update())).one_or_none()


async def _addressee(transaction: Transaction, letter: Letter) -> User:
    """The user that it is about, locked; whoever asked need not know whether there is one."""
    user_id = letter.user_id
    if user_id is None:
        user_id = await login_at(transaction.session, letter.recipient)
    if user_id is None:
        raise _NothingToSay
    user = await transaction.get(User, user_id)
    if not await is_true(transaction.session, letter, user):
        raise _NothingToSay
    letter.user_id = user.id
    return user


async def _token(
    transaction: Transaction, letter: Letter, user: User, settings: Settings
) -> str | None:
    if letter.kind not in LINKS:
        return None
    purpose = LINKS[letter.kind].purpose
    key, bound_to = settings.key_encryption_key, f"letter/{letter.id}"
    if letter.sealed_token is not None:
        return await _still_good(
            transaction.session, unseal(letter.sealed_token, bound_to, key).decode(), purpose
        )
    if await was_linked_lately(transaction.session, user.id, purpose):
        raise _NothingToSay
    if letter.kind is LetterKind.PASSWORD_RESET:
        note(transaction, SecurityAct.PASSWORD_RESET_ASKED, user.id, **letter.details)
    life = life_of(purpose, settings)
    issued = await issue_link(transaction.session, user.id, purpose, life)
    letter.sealed_token = seal(issued.token.encode(), bound_to, key)
    return issued.token


async def _still_good(session: AsyncSession, token: str, purpose: LinkPurpose) -> str:
    if await find_link(session, token, purpose) is None:
        raise _NothingToSay
    return token
