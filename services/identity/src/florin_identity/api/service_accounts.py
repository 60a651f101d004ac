"""`/service-accounts`: programs that sign in by themselves."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from fastapi import Response

from florin_chassis.finding import find_one
from florin_chassis.http.endpoint import BeginTransaction, Reading, Router
from florin_chassis.http.etags import ExpectedVersion, tag
from florin_chassis.http.pages import Page, PagingQuery
from florin_contracts.permissions import Permission
from florin_identity.api.key_schemas import (
    NewServiceAccount,
    SecretRotation,
    SecretsAnswer,
    ServiceAccountAnswer,
    ServiceAccountChanges,
    ServiceAccountWithSecret,
)
from florin_identity.api.tools import RecentProof
from florin_identity.models import ServiceAccount
from florin_identity.models.client_secret import NewSecret
from florin_identity.queries.find_service_accounts import list_secrets, list_service_accounts
from florin_identity.use_cases.change_service_account import change_service_account
from florin_identity.use_cases.create_service_account import create_service_account
from florin_identity.use_cases.disable_service_account import disable_service_account
from florin_identity.use_cases.rotate_client_secret import rotate_client_secret

router = Router(tags=["service accounts"])
READ, WRITE = Permission.KEYS_READ, Permission.KEYS_WRITE
ONE = "/service-accounts/{account_id}"


@router.post(
    "/service-accounts",
    permission=WRITE,
    in_person=True,
    secret_answer=True,
    response_model=ServiceAccountWithSecret,
)
async def post_service_account(
    body: NewServiceAccount, recent: RecentProof, begin: BeginTransaction, response: Response
) -> dict[str, Any]:
    account, secret = await create_service_account(body.columns(), recent, begin)
    return _with_secret(tag(response, account), secret)


@router.get("/service-accounts", permission=READ, response_model=Page[ServiceAccountAnswer])
async def get_service_accounts(session: Reading, paging: PagingQuery) -> dict[str, Any]:
    return await list_service_accounts(session, paging)


@router.get(ONE, permission=READ, response_model=ServiceAccountAnswer)
async def get_service_account(
    account_id: UUID, session: Reading, response: Response
) -> ServiceAccount:
    return tag(response, await find_one(session, ServiceAccount, account_id))


@router.patch(ONE, permission=WRITE, response_model=ServiceAccountAnswer)
async def patch_service_account(
    account_id: UUID,
    body: ServiceAccountChanges,
    expected: ExpectedVersion,
    begin: BeginTransaction,
    response: Response,
) -> ServiceAccount:
    account = await change_service_account(account_id, body.columns(), expected, begin)
    return tag(response, account)


@router.post(
    f"{ONE}/disable", permission=WRITE, status_code=200, response_model=ServiceAccountAnswer
)
async def post_disabled_service_account(
    account_id: UUID, expected: ExpectedVersion, begin: BeginTransaction, response: Response
) -> ServiceAccount:
    return tag(response, await disable_service_account(account_id, expected, begin))


@router.get(f"{ONE}/secrets", permission=READ, response_model=SecretsAnswer)
async def get_secrets(account_id: UUID, session: Reading) -> dict[str, Any]:
    return {"data": await list_secrets(session, account_id)}


@router.post(
    f"{ONE}/secrets",
    permission=WRITE,
    in_person=True,
    secret_answer=True,
    response_model=ServiceAccountWithSecret,
)
async def post_secret(
    account_id: UUID,
    body: SecretRotation,
    expected: ExpectedVersion,
    recent: RecentProof,
    begin: BeginTransaction,
    response: Response,
) -> dict[str, Any]:
    overlap = timedelta(hours=body.overlap_hours)
    account, secret = await rotate_client_secret(account_id, overlap, expected, recent, begin)
    return _with_secret(tag(response, account), secret)


def _with_secret(account: ServiceAccount, secret: NewSecret) -> dict[str, Any]:
    known = ServiceAccountAnswer.model_validate(account).model_dump()
    return {**known, "secret_id": secret.id, "client_secret": secret.client_secret}
