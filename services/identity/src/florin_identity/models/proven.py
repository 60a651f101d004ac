"""The moment in which an anonymous caller becomes a user."""

from uuid import UUID

from florin_chassis.actor import Actor
from florin_chassis.transaction import Transaction


def act_as(transaction: Transaction, user_id: UUID) -> None:
    """From here on the transaction is the user's own, who has proved who it is.

    Events and audit name the user, and the tenant filter shows the user's own login, no more.
    """
    transaction.actor = Actor(name=f"user/{user_id}", user_id=user_id)
    transaction.session.info["actor"] = transaction.actor
