"""A webhook gets another address, choice of events or notes; or it is enabled or disabled."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import delete

from florin_chassis.transaction import Begin, Transaction
from florin_contracts.providers import WebhookDisabledReason
from florin_providers.models import Webhook, WebhookHealth, need_webhook


async def change_webhook(
    webhook_id: UUID,
    changes: Mapping[str, Any],
    enabled: bool | None,
    expected_version: int | None,
    begin: Begin,
) -> Webhook:
    """Raises `NotFound`, `VersionMismatch` and `GrantsMoreThanHeld`."""
    async with begin() as transaction:
        webhook = await need_webhook(transaction.session, webhook_id, locked=True)
        webhook.expect(expected_version)
        changed = webhook.change(transaction.actor, changes)
        switched = None if enabled is None else await _switch(webhook, enabled, transaction)
        transaction.emit(*filter(None, (changed, switched)))
    return webhook


async def _switch(webhook: Webhook, enabled: bool, transaction: Transaction) -> Any:
    if not enabled:
        return webhook.disable(WebhookDisabledReason.REQUESTED)
    forgiven = delete(WebhookHealth).where(WebhookHealth.webhook_id == webhook.id)
    await transaction.session.execute(forgiven)
    return webhook.enable(transaction.actor)
