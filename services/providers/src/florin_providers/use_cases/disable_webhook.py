"""A webhook that is gone, or that has failed for days, is told nothing more."""

from uuid import UUID

from florin_chassis.transaction import Begin
from florin_contracts.providers import WebhookDisabledReason
from florin_providers.models import need_webhook


async def disable_webhook(webhook_id: UUID, reason: WebhookDisabledReason, begin: Begin) -> None:
    """What waits for it waits on. Raises `NotFound`."""
    async with begin() as transaction:
        webhook = await need_webhook(transaction.session, webhook_id, locked=True)
        if disabled := webhook.disable(reason):
            transaction.emit(disabled)
