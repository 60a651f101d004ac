"""What identity states: a user registered, and with it a client; an invited one can sign in."""

from florin_chassis.transaction import Transaction
from florin_clients.consumers.subscriptions import subscriptions
from florin_clients.models import ClientUser, refuse_invited_at
from florin_clients.use_cases.register_client import register_client
from florin_contracts.identity import (
    UserActivated,
    UserEmailChanged,
    UserKind,
    UserRegistered,
    UserState,
    UserStatus,
)

subscriptions.project(UserState)


@subscriptions.on(UserRegistered)
async def begin_client(registered: UserRegistered, transaction: Transaction) -> None:
    """Make the client and its owner."""
    await register_client(registered, transaction)


@subscriptions.on(UserActivated)
async def let_user_join(user: UserActivated, transaction: Transaction) -> None:
    """Raises `NotFound`: the place of a client's user is older than its login."""
    if user.kind is UserKind.CLIENT:
        member = await transaction.get(ClientUser, user.id)
        transaction.emit(*member.join())


@subscriptions.follow(UserState)
async def refuse_others_at_its_address(user: UserState, transaction: Transaction) -> None:
    """Whoever was invited at an address that is another's login shows why it has none."""
    if user.status is not UserStatus.LEFT:
        await refuse_invited_at(transaction, user.email, user.id)


@subscriptions.on(UserEmailChanged)
async def take_email(user: UserEmailChanged, transaction: Transaction) -> None:
    """The person is known by the address that it signs in with. Raises as above."""
    if user.kind is UserKind.CLIENT:
        member = await transaction.get(ClientUser, user.id)
        transaction.emit(*member.take_email(user.email))
