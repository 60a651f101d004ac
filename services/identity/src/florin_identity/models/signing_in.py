"""A user has proved who it is: a session begins."""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import NamedTuple
from uuid import UUID

from florin_chassis.transaction import Transaction
from florin_contracts.identity import UserStatus
from florin_identity.models.access import Admitted, Holder, admit
from florin_identity.models.access_tokens import AccessTokens
from florin_identity.models.credential import WrongCredentials
from florin_identity.models.evidence import Login
from florin_identity.models.proof import Method, SessionProof, together
from florin_identity.models.reckoning import reckon_if_due
from florin_identity.models.refresh_family import RefreshFamily
from florin_identity.models.security_log import SecurityAct, note
from florin_identity.models.session import Session
from florin_identity.models.standing import standing_of


class SignedIn(NamedTuple):
    """The session, the first access token of it, and what to get the next with.

    `provisional`: it may be used for no more than adding the second factor that is demanded.
    """

    session: Session
    access_token: str
    refresh_token: str
    provisional: bool


async def still_admitted(
    transaction: Transaction, user_id: UUID, login: Login | None = None
) -> Admitted:
    """The user who proved itself just now, locked: nothing of that is undone before the commit.

    `login` is of whom its password was right. Raises `WrongCredentials` if that has been undone
    since: the login closed, or the password is another by now.
    """
    if login is None or login.is_due:
        await reckon_if_due(transaction, user_id)
    user = await admit(transaction.session, user_id)
    changed = login is not None and login.password_since != user.password_since
    if changed or user.holder.status is not UserStatus.ACTIVE:
        note(transaction, SecurityAct.SIGN_IN_FAILED, user_id, why="undone meanwhile")
        raise WrongCredentials("email and password do not go together")
    return user


async def open_session(
    transaction: Transaction, user: Holder, methods: Iterable[Method], tokens: AccessTokens
) -> SignedIn:
    """A session of the user, who is still admitted, by what these methods proved."""
    user_id = user.id
    now = datetime.now(UTC)
    session = Session(user_id=user_id, started_at=now, amr=together(*methods))
    family, token = RefreshFamily.begin(session.id, now, transaction.origin)
    proof = SessionProof.begin(session.id, now, methods)
    transaction.add(session)
    transaction.write_last(family)
    transaction.write_last(proof)
    transaction.emit(session.start())
    details = {"session_id": str(session.id), "amr": session.amr}
    note(transaction, SecurityAct.SIGNED_IN, user_id, **details)
    standing = await standing_of(transaction.session, proof, user)
    access_token = tokens.for_session(session.id, user_id, standing)
    return SignedIn(session, access_token, str(token), standing.provisional)
