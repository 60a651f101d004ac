"""A webhook gets another secret; the last one stays valid for a while."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

from sqlalchemy import delete, select

from florin_chassis.transaction import Begin
from florin_providers.models import TooManySecrets, Webhook, WebhookSecret, need_webhook
from florin_providers.models.webhook_secret import SECRETS_MAX, make_secret


async def rotate_webhook_secret(
    webhook_id: UUID,
    overlap: timedelta,
    sealing_key: bytes,
    expected_version: int | None,
    begin: Begin,
) -> tuple[Webhook, str]:
    """The webhook and its new secret, which is shown this once.

    Until the overlap is over deliveries are signed with both. Without an overlap every older secret
    ends at once, which is how a secret that others have seen is replaced.
    Raises `NotFound`, `VersionMismatch` and `TooManySecrets`.
    """
    ends_at = datetime.now(UTC) + overlap
    async with begin() as transaction:
        session = transaction.session
        webhook = await need_webhook(session, webhook_id, locked=True)
        webhook.expect(expected_version)
        mine = WebhookSecret.webhook_id == webhook_id
        over = WebhookSecret.valid_until <= datetime.now(UTC)
        await session.execute(delete(WebhookSecret).where(mine, over))
        for secret in (old := list(await session.scalars(select(WebhookSecret).where(mine)))):
            secret.valid_until = min(secret.valid_until or ends_at, ends_at)
        if overlap and len(old) >= SECRETS_MAX:
            raise TooManySecrets(f"the last {len(old)} secrets are still valid", limit=SECRETS_MAX)
        row, text = make_secret(webhook_id, sealing_key)
        session.add(row)
        transaction.emit(webhook.rotate_secret())
    return webhook, text
