"""Somebody outside is told of events from now on."""

from uuid import UUID

from sqlalchemy import func, select

from florin_chassis.transaction import Begin
from florin_contracts.providers import WebhookStatus
from florin_providers.models import TooManyWebhooks, Webhook, need_providers
from florin_providers.models.webhook_secret import make_secret


async def create_webhook(
    wanted: dict[str, object], webhooks_max: int, sealing_key: bytes, begin: Begin
) -> tuple[Webhook, str]:
    """The webhook and its secret, which is shown this once.

    Raises `NotFound` and `ProviderIsArchived` for the provider, `GrantsMoreThanHeld` and
    `TooManyWebhooks`.
    """
    webhook = Webhook(**wanted, status=WebhookStatus.ENABLED)
    async with begin() as transaction:
        if isinstance(webhook.provider_id, UUID):
            await need_providers(transaction.session, [webhook.provider_id])
        there = select(func.count()).where(Webhook.status != WebhookStatus.DELETED)
        if (await transaction.session.scalar(there) or 0) >= webhooks_max:
            raise TooManyWebhooks(f"there are {webhooks_max} webhooks already")
        transaction.add(webhook)
        transaction.emit(webhook.create(transaction.actor))
        await transaction.session.flush()
        row, secret = make_secret(webhook.id, sealing_key)
        transaction.session.add(row)
    return webhook, secret
