"""`/clients/{client_id}/users`: who may sign in for a client, and as what.

Whoever changes them does it in person: neither an impersonator nor a key lets others in.
"""

from typing import Any
from uuid import UUID

from fastapi import Response

from florin_chassis.finding import find_one
from florin_chassis.http.endpoint import BeginTransaction, Reading, Router
from florin_chassis.http.etags import ExpectedVersion, tag
from florin_chassis.http.pages import Page, PagingQuery
from florin_clients.api.schemas import ClientUserAnswer, ClientUserChanges, NewClientUser
from florin_clients.models import Client, ClientUser
from florin_clients.queries.find_members import find_member
from florin_clients.queries.list_aggregates import list_aggregates
from florin_clients.use_cases.change_client_user import MemberChanges, change_client_user
from florin_clients.use_cases.invite_client_user import invite_client_user
from florin_clients.use_cases.remove_client_user import remove_client_user
from florin_clients.use_cases.resume_client_user import resume_client_user
from florin_clients.use_cases.suspend_client_user import suspend_client_user
from florin_contracts.permissions import Permission

router = Router(tags=["client users"])
ALL, ONE = "/clients/{client_id}/users", "/clients/{client_id}/users/{user_id}"
READ, WRITE = Permission.MEMBERS_READ, Permission.MEMBERS_WRITE
ACT: dict[str, Any] = {
    "permission": WRITE,
    "in_person": True,
    "status_code": 200,
    "response_model": ClientUserAnswer,
}


@router.get(ALL, permission=READ, response_model=Page[ClientUserAnswer])
async def get_client_users(
    client_id: UUID, session: Reading, paging: PagingQuery
) -> dict[str, Any]:
    await find_one(session, Client, client_id)
    return await list_aggregates(session, ClientUser, paging, client=client_id)


@router.post(ALL, permission=WRITE, in_person=True, response_model=ClientUserAnswer)
async def post_client_user(
    client_id: UUID, body: NewClientUser, begin: BeginTransaction, response: Response
) -> ClientUser:
    return tag(response, await invite_client_user(client_id, **body.model_dump(), begin=begin))


@router.get(ONE, permission=READ, response_model=ClientUserAnswer)
async def get_client_user(
    client_id: UUID, user_id: UUID, session: Reading, response: Response
) -> ClientUser:
    return tag(response, await find_member(session, client_id, user_id))


@router.patch(ONE, permission=WRITE, in_person=True, response_model=ClientUserAnswer)
async def patch_client_user(
    client_id: UUID,
    user_id: UUID,
    body: ClientUserChanges,
    expected: ExpectedVersion,
    begin: BeginTransaction,
    response: Response,
) -> ClientUser:
    changes = MemberChanges(**body.model_dump())
    return tag(response, await change_client_user(client_id, user_id, changes, expected, begin))


@router.post(f"{ONE}/suspend", **ACT)
async def post_suspension(
    client_id: UUID,
    user_id: UUID,
    expected: ExpectedVersion,
    begin: BeginTransaction,
    response: Response,
) -> ClientUser:
    return tag(response, await suspend_client_user(client_id, user_id, expected, begin))


@router.post(f"{ONE}/resume", **ACT)
async def post_resumption(
    client_id: UUID,
    user_id: UUID,
    expected: ExpectedVersion,
    begin: BeginTransaction,
    response: Response,
) -> ClientUser:
    return tag(response, await resume_client_user(client_id, user_id, expected, begin))


@router.post(f"{ONE}/remove", **ACT)
async def post_removal(
    client_id: UUID,
    user_id: UUID,
    expected: ExpectedVersion,
    begin: BeginTransaction,
    response: Response,
) -> ClientUser:
    return tag(response, await remove_client_user(client_id, user_id, expected, begin))
