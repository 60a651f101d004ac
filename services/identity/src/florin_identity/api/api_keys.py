"""`/me/api-keys` and `/api-keys`: one's own keys, and those of others within reach."""

from typing import Any
from uuid import UUID

from fastapi import Response

from florin_chassis.finding import find_one
from florin_chassis.http.endpoint import (
    SIGNED_IN,
    BeginTransaction,
    CurrentActor,
    Reading,
    Router,
)
from florin_chassis.http.etags import tag
from florin_chassis.http.pages import Page, PagingQuery
from florin_contracts.permissions import Permission
from florin_identity.api.key_schemas import ApiKeyAnswer, ApiKeyWithSecret, NewApiKey
from florin_identity.api.tools import RecentProof
from florin_identity.models import ApiKey
from florin_identity.queries.find_api_keys import list_api_keys, list_own_keys
from florin_identity.use_cases.create_api_key import Wanted, create_key_of_account, create_own_key
from florin_identity.use_cases.revoke_api_key import revoke_api_key

router = Router(tags=["API keys"])
READ, WRITE = Permission.KEYS_READ, Permission.KEYS_WRITE


@router.post(
    "/me/api-keys",
    permission=SIGNED_IN,
    in_person=True,
    secret_answer=True,
    response_model=ApiKeyWithSecret,
)
async def post_own_key(
    body: NewApiKey, recent: RecentProof, begin: BeginTransaction, response: Response
) -> dict[str, Any]:
    api_key, key = await create_own_key(_wanted(body), recent, begin)
    return _with_secret(tag(response, api_key), key)


@router.get("/me/api-keys", permission=SIGNED_IN, response_model=Page[ApiKeyAnswer])
async def get_own_keys(
    session: Reading, actor: CurrentActor, paging: PagingQuery
) -> dict[str, Any]:
    return await list_own_keys(session, actor, paging)


@router.post(
    "/me/api-keys/{api_key_id}/revoke",
    permission=SIGNED_IN,
    in_person=True,
    status_code=200,
    response_model=ApiKeyAnswer,
)
async def post_own_revoked_key(
    api_key_id: UUID, begin: BeginTransaction, response: Response
) -> ApiKey:
    return tag(response, await revoke_api_key(api_key_id, begin, own=True))


@router.post(
    "/service-accounts/{account_id}/api-keys",
    permission=WRITE,
    in_person=True,
    secret_answer=True,
    response_model=ApiKeyWithSecret,
)
async def post_key_of_account(
    account_id: UUID,
    body: NewApiKey,
    recent: RecentProof,
    begin: BeginTransaction,
    response: Response,
) -> dict[str, Any]:
    api_key, key = await create_key_of_account(account_id, _wanted(body), recent, begin)
    return _with_secret(tag(response, api_key), key)


@router.get("/api-keys", permission=READ, response_model=Page[ApiKeyAnswer])
async def get_api_keys(
    session: Reading, paging: PagingQuery, owner_id: UUID | None = None
) -> dict[str, Any]:
    return await list_api_keys(session, owner_id, paging)


@router.get("/api-keys/{api_key_id}", permission=READ, response_model=ApiKeyAnswer)
async def get_api_key(api_key_id: UUID, session: Reading, response: Response) -> ApiKey:
    return tag(response, await find_one(session, ApiKey, api_key_id))


@router.post(
    "/api-keys/{api_key_id}/revoke",
    permission=WRITE,
    status_code=200,
    response_model=ApiKeyAnswer,
)
async def post_revoked_key(api_key_id: UUID, begin: BeginTransaction, response: Response) -> ApiKey:
    return tag(response, await revoke_api_key(api_key_id, begin))


def _wanted(body: NewApiKey) -> Wanted:
    return Wanted(body.name, tuple(sorted(set(body.scopes))), body.expires_at)


def _with_secret(api_key: ApiKey, key: str) -> dict[str, Any]:
    return {**ApiKeyAnswer.model_validate(api_key).model_dump(), "key": key}
