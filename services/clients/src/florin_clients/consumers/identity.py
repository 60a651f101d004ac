"""What identity states: a user registered, and with it a client."""

from florin_chassis.transaction import Transaction
from florin_clients.consumers.subscriptions import subscriptions
from florin_clients.use_cases.register_client import register_client
from florin_contracts.identity import UserRegistered


@subscriptions.on(UserRegistered)
async def begin_client(registered: UserRegistered, transaction: Transaction) -> None:
    """Make the client and its owner."""
    await register_client(registered, transaction)
