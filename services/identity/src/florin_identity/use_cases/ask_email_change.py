"""A user asks to sign in with another address; both addresses have to agree."""

from datetime import UTC, datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from florin_chassis.transaction import Begin, Transaction
from florin_identity.models.email_change import EmailChange
from florin_identity.models.letter import LetterKind, write_letter
from florin_identity.models.one_time_link import LinkPurpose, forget_links
from florin_identity.models.password_check import PasswordCheck
from florin_identity.models.reauthentication import require_password
from florin_identity.models.user import User, login_at

_BOTH = (LinkPurpose.EMAIL_CHANGE_OLD, LinkPurpose.EMAIL_CHANGE_NEW)


async def ask_email_change(
    email: str, password: str, passwords: PasswordCheck, life: timedelta, begin: Begin
) -> None:
    """Raises `WrongPassword`, `TooManyAttempts`, `EmailUnchanged`.

    Whoever asks learns nothing of an address that another user signs in with: that user is told.
    """
    async with begin() as transaction:
        user = await require_password(transaction, password, passwords)
        user.require_other(email)
        await forget_links(transaction.session, user.id, *_BOTH)
        await _keep(transaction.session, user, email, datetime.now(UTC) + life)
        write_letter(transaction, LetterKind.EMAIL_CHANGE_OLD, user.email, user.id)
        await _write_to_new(transaction, user, email)


async def _keep(session: AsyncSession, user: User, email: str, expires_at: datetime) -> None:
    pending = {
        "user_id": user.id,
        "email": email,
        "old_confirmed": False,
        "new_confirmed": False,
        "expires_at": expires_at,
    }
    await session.merge(EmailChange(**pending))


async def _write_to_new(transaction: Transaction, user: User, email: str) -> None:
    if await login_at(transaction.session, email) is None:
        write_letter(transaction, LetterKind.EMAIL_CHANGE_NEW, email, user.id)
    else:
        write_letter(transaction, LetterKind.EMAIL_IN_USE, email)
