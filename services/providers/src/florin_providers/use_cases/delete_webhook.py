"""A webhook is told of nothing any more."""

from uuid import UUID

from sqlalchemy import delete

from florin_chassis.transaction import Begin
from florin_providers.models import WebhookSecret, need_webhook


async def delete_webhook(webhook_id: UUID, expected_version: int | None, begin: Begin) -> None:
    """Its secrets go at once, its log with the next tidying.

    Raises `NotFound` and `VersionMismatch`.
    """
    async with begin() as transaction:
        webhook = await need_webhook(transaction.session, webhook_id, locked=True)
        webhook.expect(expected_version)
        transaction.emit(webhook.delete())
        secrets = delete(WebhookSecret).where(WebhookSecret.webhook_id == webhook_id)
        await transaction.session.execute(secrets)
