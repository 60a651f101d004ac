"""Which clients there are, and which rights their users have, as clients states it."""

from florin_chassis.transaction import Transaction
from florin_contracts.clients import ClientState, ClientUserState
from florin_identity.consumers.subscriptions import subscriptions
from florin_identity.models.reckoning import reckon_access
from florin_identity.use_cases.invite_client_user import invite_client_user

subscriptions.project(ClientState, ClientUserState)


@subscriptions.follow(ClientUserState)
async def follow_client_user(place: ClientUserState, transaction: Transaction) -> None:
    """It has a login until it is removed; what it may do is reckoned anew."""
    await invite_client_user(place, transaction)
    await reckon_access(transaction, [place.id])
