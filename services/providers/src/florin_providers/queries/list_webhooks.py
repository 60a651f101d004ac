"""Lists webhooks."""

from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from florin_chassis.http.pages import Paging, paginate
from florin_contracts.providers import WebhookStatus
from florin_providers.models import Webhook


async def list_webhooks(session: AsyncSession, paging: Paging) -> dict[str, Any]:
    """A page of the webhooks that the actor reaches; a deleted one is there for nobody."""
    there = Webhook.status != WebhookStatus.DELETED
    return await paginate(session, select(Webhook).where(there), Webhook.id, paging)
