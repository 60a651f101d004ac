"""A user has proved who it is: a session begins."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import NamedTuple
from uuid import UUID

from florin_chassis.transaction import Transaction
from florin_contracts.identity import UserStatus
from florin_identity.models.access import current_access
from florin_identity.models.access_tokens import AccessTokens
from florin_identity.models.credential import WrongCredentials
from florin_identity.models.refresh_family import RefreshFamily
from florin_identity.models.security_log import SecurityAct, note
from florin_identity.models.session import Session
from florin_identity.models.user import User


class SignedIn(NamedTuple):
    """The session, the first access token of it, and what to get the next with."""

    session: Session
    access_token: str
    refresh_token: str


async def open_session(
    transaction: Transaction, user_id: UUID, amr: Sequence[str], tokens: AccessTokens
) -> SignedIn:
    """A session of the user, who proved itself by `amr` (RFC 8176) just now.

    The user is locked before the access is, as by whoever suspends it, and may not have been
    suspended meanwhile: raises `WrongCredentials`.
    """
    lock = {"read": True, "key_share": True}
    user = await transaction.session.get_one(User, user_id, with_for_update=lock)
    if user.status is not UserStatus.ACTIVE:
        raise WrongCredentials("email and password do not go together")
    now = datetime.now(UTC)
    session = Session(user_id=user_id, started_at=now, amr=list(amr))
    session.family, token = RefreshFamily.begin(session.id, now, transaction.origin)
    transaction.add(session)
    transaction.emit(session.start())
    note(transaction, SecurityAct.SIGNED_IN, user_id, session_id=str(session.id), amr=list(amr))
    access = await current_access(transaction.session, user)
    return SignedIn(session, tokens.for_session(session, access), str(token))
