"""What follows here when anybody states anything: the webhooks that choose it are told."""

from florin_chassis.transaction import Transaction
from florin_contracts.event import Event
from florin_contracts.events import published_events
from florin_providers.consumers.subscriptions import subscriptions
from florin_providers.use_cases.announce_event import announce_event


@subscriptions.on(*published_events().values(), awaited=False)
async def tell_webhooks(event: Event, transaction: Transaction) -> None:
    """In the transaction of the inbox: told once, however often the event comes."""
    if transaction.cause is None:
        raise AssertionError("a webhook is only ever told of an event")
    await announce_event(event, transaction.cause, transaction.session)
