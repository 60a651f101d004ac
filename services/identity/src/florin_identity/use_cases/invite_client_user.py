"""A client's user has a login under the same id, until it is removed."""

from florin_chassis.transaction import Transaction
from florin_contracts.clients import ClientUserState, ClientUserStatus
from florin_identity.models.logins import end_login, make_login
from florin_identity.models.user import invited_client_user


async def invite_client_user(place: ClientUserState, transaction: Transaction) -> None:
    """As for employees; whoever registered a client has made its login with it, and no address."""
    if place.status is ClientUserStatus.REMOVED:
        await end_login(transaction, place.id)
    elif place.email is not None:
        user = invited_client_user(place.id, place.name, place.email, place.client_id)
        await make_login(transaction, user)
