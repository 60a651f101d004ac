"""A client's user has a login under the same id, until it is removed."""

from typing import Final

from sqlalchemy import text

from florin_chassis.transaction import Transaction
from florin_contracts.clients import ClientUserState, ClientUserStatus
from florin_contracts.identity import UserStatus
from florin_identity.models.logins import end_login, make_login, readdress
from florin_identity.models.reckoning import reckon_access
from florin_identity.models.user import User, invited_client_user

# As the index has it, word for word.
_WAITING: Final = text(
    "SELECT state FROM projected_states WHERE topic = 'clients-user' AND state ->> 'email' = :email"
    " AND state ->> 'status' = 'invited' AND state ->> 'refused_because' IS NULL"
)


async def invite_client_user(place: ClientUserState, transaction: Transaction) -> None:
    """As for employees; whoever registered a client has made its login with it, and no address.

    The address of an invited one is the client's to correct; whoever waited for one that was given
    up is invited at it.
    """
    if place.status is ClientUserStatus.REMOVED:
        await end_login(transaction, place.id)
        await _invite_who_waits(transaction, place.email)
    elif place.email is not None and place.refused_because is None:
        await _have_login(place, place.email, transaction)


async def _have_login(place: ClientUserState, email: str, transaction: Transaction) -> None:
    user = await transaction.session.get(User, place.id)
    if user is None:
        invited = invited_client_user(place.id, place.name, email, place.client_id)
        await make_login(transaction, invited)
    elif user.status is UserStatus.INVITED:
        await readdress(transaction, user, email)


async def _invite_who_waits(transaction: Transaction, email: str | None) -> None:
    """Its invitation may have been heard before the removal of who had the address."""
    if email is None:
        return
    await transaction.session.flush()
    waiting = await transaction.session.scalars(_WAITING, {"email": email})
    for state in waiting.all():
        place = ClientUserState.model_validate(state)
        await _have_login(place, email, transaction)
        await reckon_access(transaction, [place.id])
