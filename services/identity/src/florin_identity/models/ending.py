"""Sessions end, and with them whatever was entered from them."""

from datetime import UTC, datetime
from uuid import UUID

from sqlalchemy import delete, select

from florin_chassis.transaction import Transaction
from florin_contracts.identity import SessionEndCause
from florin_identity.models.impersonation import Impersonation
from florin_identity.models.logout_notice import tell_of_logout
from florin_identity.models.proven import seeing_all
from florin_identity.models.refresh_family import RefreshFamily
from florin_identity.models.security_log import SecurityAct, note
from florin_identity.models.session import Session


async def end_sessions(
    transaction: Transaction, user_id: UUID, cause: SessionEndCause, *, but: UUID | None = None
) -> None:
    """End all sessions of a user, except one perhaps, whoever's doing it is.

    Lock the user, and its access, before: it is the order in which a session begins.
    """
    going_on = select(Session).where(Session.user_id == user_id, Session.ended_at.is_(None))
    with seeing_all(transaction):
        found = await transaction.session.scalars(
            going_on.where(Session.id != but).order_by(Session.id).with_for_update()
        )
        for session in found.all():
            await end_session(transaction, session, cause)


async def end_session(transaction: Transaction, session: Session, cause: SessionEndCause) -> None:
    """End one that is locked. Its refresh tokens are forgotten, its access tokens refused.

    The applications that were entered from it are told.
    """
    transaction.emit(session.end(cause, datetime.now(UTC)))
    details = {"session_id": str(session.id), "cause": str(cause)}
    note(transaction, SecurityAct.SESSION_ENDED, session.user_id, **details)
    family = delete(RefreshFamily).where(RefreshFamily.session_id == session.id)
    await transaction.session.execute(family)
    await tell_of_logout(transaction.session, [session.id])
    entered = select(Impersonation).where(
        Impersonation.session_id == session.id,
        Impersonation.ended_at.is_(None),
        Impersonation.expires_at > datetime.now(UTC),
    )
    with seeing_all(transaction):
        for stay in (await transaction.session.scalars(entered.with_for_update())).all():
            end_impersonation(transaction, stay)


def end_impersonation(transaction: Transaction, stay: Impersonation) -> None:
    """End one that is locked. Raises `NotFound` if it is over."""
    transaction.emit(stay.end(datetime.now(UTC)))
    details = {"impersonation_id": str(stay.id), "client_id": str(stay.client_id)}
    note(transaction, SecurityAct.IMPERSONATION_ENDED, stay.employee_user_id, **details)
