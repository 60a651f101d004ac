"""Looks at a letter again before it is sent: is it still true, and which link belongs in it?"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import exists, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from florin_chassis.sealing import seal, unseal
from florin_chassis.transaction import Begin, Transaction
from florin_contracts.identity import UserStatus
from florin_identity.delivery.claims import Claimed
from florin_identity.delivery.links import LINKS
from florin_identity.models.letter import Letter, LetterStatus
from florin_identity.models.one_time_link import issue_link
from florin_identity.models.user import User
from florin_identity.settings import Settings


@dataclass(frozen=True, slots=True)
class Prepared:
    """What is to be said to whom; the token is of the link in it, if it has one."""

    letter: Claimed
    token: str | None


async def prepare(letter: Claimed, settings: Settings, begin: Begin) -> Prepared | None:
    """The letter with its link, made at the first try and kept for the next ones.

    `None` when nothing is to be sent: another process has it now, or it had nothing to say any
    more and has ended with that.
    """
    async with begin() as transaction:
        row = await _locked(transaction.session, letter)
        if row is None:
            return None
        if datetime.now(UTC) - row.written_at > timedelta(hours=settings.letter_waiting_hours_max):
            row.end(LetterStatus.EXPIRED, row.error)
            return None
        if not await _still_true(transaction, row):
            row.end(LetterStatus.DROPPED)
            return None
        return Prepared(letter, await _token(transaction.session, row, settings))


async def _locked(session: AsyncSession, letter: Claimed) -> Letter | None:
    mine = select(Letter).where(Letter.id == letter.id, Letter.claim == letter.claim)
    return (await session.scalars(mine.with_for_update())).one_or_none()


async def _still_true(transaction: Transaction, letter: Letter) -> bool:
    """Whether the letter is the latest of its kind to the user, and the user as it supposes."""
    if letter.user_id is None or await _is_replaced(transaction.session, letter):
        return False
    user = await transaction.get(User, letter.user_id)
    return user.status is UserStatus.INVITED and user.email == letter.recipient


async def _is_replaced(session: AsyncSession, letter: Letter) -> bool:
    later = aliased(Letter)
    newer = exists().where(
        later.user_id == letter.user_id, later.kind == letter.kind, later.id > letter.id
    )
    return bool(await session.scalar(select(newer)))


async def _token(session: AsyncSession, letter: Letter, settings: Settings) -> str | None:
    link = LINKS.get(letter.kind)
    if link is None or letter.user_id is None:
        return None
    key, bound_to = settings.key_encryption_key, f"letter/{letter.id}"
    if letter.sealed_token is not None:
        return unseal(letter.sealed_token, bound_to, key).decode()
    issued = await issue_link(session, letter.user_id, link.purpose, link.life(settings))
    letter.sealed_token = seal(issued.token.encode(), bound_to, key)
    return issued.token
