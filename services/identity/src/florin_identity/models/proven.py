"""The moment in which an anonymous caller becomes a user."""

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

from florin_chassis.actor import Actor, process_actor
from florin_chassis.transaction import Transaction


def act_as(transaction: Transaction, user_id: UUID) -> None:
    """From here on the transaction is the user's own, who has proved who it is.

    Events and audit name the user, and the tenant filter shows the user's own login, no more.
    """
    transaction.actor = Actor(name=f"user/{user_id}", user_id=user_id)
    transaction.session.info["actor"] = transaction.actor


def see_all(transaction: Transaction) -> None:
    """Until it is known who asks, the transaction reads as nobody's: what it finds it must prove.

    Events and audit go on naming whoever the actor was before.
    """
    transaction.session.info["actor"] = process_actor("identity")


@contextmanager
def seeing_all(transaction: Transaction) -> Iterator[None]:
    """What follows from an act is found whoever did it; then the actor's filter holds again."""
    before = transaction.session.info.get("actor")
    see_all(transaction)
    try:
        yield
    finally:
        transaction.session.info["actor"] = before


def become(transaction: Transaction, actor: Actor) -> None:
    """From here on the transaction is that of whoever a token in the request is of."""
    transaction.actor = actor
    transaction.session.info["actor"] = actor
