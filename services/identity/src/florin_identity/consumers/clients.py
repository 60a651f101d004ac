"""Which clients there are, and which rights their users have, as clients states it."""

from florin_contracts.clients import ClientState, ClientUserState
from florin_identity.consumers.subscriptions import subscriptions

subscriptions.project(ClientState, ClientUserState)
