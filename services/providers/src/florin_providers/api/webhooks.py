"""`/webhooks`: who outside is told of events over HTTP, and how the telling went."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from fastapi import Response

from florin_chassis.http.endpoint import BeginTransaction, Reading, Router
from florin_chassis.http.etags import ExpectedVersion, tag
from florin_chassis.http.pages import Page, PagingQuery
from florin_contracts.permissions import Permission
from florin_providers.api.tools import CurrentAddressRules, CurrentSettings
from florin_providers.api.webhook_schemas import (
    NewWebhook,
    Rotation,
    WebhookAnswer,
    WebhookChanges,
    WebhookWithSecret,
)
from florin_providers.models import Webhook, need_webhook
from florin_providers.queries.list_webhooks import list_webhooks
from florin_providers.use_cases.change_webhook import change_webhook
from florin_providers.use_cases.create_webhook import create_webhook
from florin_providers.use_cases.delete_webhook import delete_webhook
from florin_providers.use_cases.rotate_webhook_secret import rotate_webhook_secret

router = Router(tags=["webhooks"])
READ, WRITE = Permission.WEBHOOKS_READ, Permission.WEBHOOKS_WRITE


@router.post("/webhooks", permission=WRITE, secret_answer=True, response_model=WebhookWithSecret)
async def post_webhook(
    body: NewWebhook,
    settings: CurrentSettings,
    rules: CurrentAddressRules,
    begin: BeginTransaction,
    response: Response,
) -> dict[str, Any]:
    rules.require_url(body.url)
    webhook, secret = await create_webhook(
        body.columns(), settings.webhooks_max, settings.key_encryption_key, begin
    )
    return _with_secret(tag(response, webhook), secret)


@router.get("/webhooks", permission=READ, response_model=Page[WebhookAnswer])
async def get_webhooks(session: Reading, paging: PagingQuery) -> dict[str, Any]:
    return await list_webhooks(session, paging)


@router.get("/webhooks/{webhook_id}", permission=READ, response_model=WebhookAnswer)
async def get_webhook(webhook_id: UUID, session: Reading, response: Response) -> Webhook:
    return tag(response, await need_webhook(session, webhook_id))


@router.patch("/webhooks/{webhook_id}", permission=WRITE, response_model=WebhookAnswer)
async def patch_webhook(
    webhook_id: UUID,
    body: WebhookChanges,
    rules: CurrentAddressRules,
    expected: ExpectedVersion,
    begin: BeginTransaction,
    response: Response,
) -> Webhook:
    changes = body.columns()
    if body.url is not None:
        rules.require_url(body.url)
    return tag(response, await change_webhook(webhook_id, changes, body.enabled, expected, begin))


@router.delete("/webhooks/{webhook_id}", permission=WRITE)
async def delete_one_webhook(
    webhook_id: UUID, expected: ExpectedVersion, begin: BeginTransaction
) -> None:
    await delete_webhook(webhook_id, expected, begin)


@router.post(
    "/webhooks/{webhook_id}/secrets",
    permission=WRITE,
    secret_answer=True,
    response_model=WebhookWithSecret,
)
async def post_secret(
    webhook_id: UUID,
    body: Rotation,
    settings: CurrentSettings,
    expected: ExpectedVersion,
    begin: BeginTransaction,
    response: Response,
) -> dict[str, Any]:
    overlap = timedelta(hours=body.overlap_hours)
    webhook, secret = await rotate_webhook_secret(
        webhook_id, overlap, settings.key_encryption_key, expected, begin
    )
    return _with_secret(tag(response, webhook), secret)


def _with_secret(webhook: Webhook, secret: str) -> dict[str, Any]:
    return {**WebhookAnswer.model_validate(webhook).model_dump(), "secret": secret}
