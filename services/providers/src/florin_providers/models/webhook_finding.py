"""Finds one webhook that is not deleted, for reading or, locked, for changing."""

from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from florin_chassis.errors import NotFound
from florin_chassis.finding import find_one
from florin_contracts.providers import WebhookStatus
from florin_providers.models.webhook import Webhook


async def need_webhook(session: AsyncSession, webhook_id: UUID, *, locked: bool = False) -> Webhook:
    """The webhook, if it is there for the session's actor; raises `NotFound`."""
    webhook = await find_one(session, Webhook, webhook_id, locked=locked)
    if webhook.status is WebhookStatus.DELETED:
        raise NotFound(f"there is no webhook {webhook_id}")
    return webhook
