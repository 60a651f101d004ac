"""`/security-log` and `/me/security-log`: who signed in, who failed, who changed what."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import Depends, Query
from pydantic import AwareDatetime

from florin_chassis.http.endpoint import SIGNED_IN, CurrentActor, Reading, Router
from florin_chassis.http.pages import Page, PagingQuery
from florin_contracts.permissions import Permission
from florin_identity.api.schemas import Answer
from florin_identity.models.security_log import SecurityAct
from florin_identity.queries.find_security_entries import (
    Wanted,
    list_own_security_entries,
    list_security_entries,
)

router = Router(tags=["security log"])


class SecurityEntryAnswer(Answer):
    """A line. Position and digest are its place in the chain; null until it has one."""

    id: int
    at: datetime
    act: str
    actor: str
    on_behalf_of: str | None
    subject: UUID | None
    address: str | None
    agent: str | None
    details: dict[str, Any]
    position: int | None
    digest: str | None


async def _wanted(
    act: SecurityAct | None = None,
    subject: UUID | None = None,
    actor: Annotated[str | None, Query(max_length=200)] = None,
    address: Annotated[str | None, Query(max_length=200)] = None,
    since: AwareDatetime | None = None,
    until: AwareDatetime | None = None,
) -> Wanted:
    return Wanted(act, subject, actor, address, since, until)


@router.get(
    "/security-log",
    permission=Permission.SECURITY_READ,
    response_model=Page[SecurityEntryAnswer],
)
async def get_security_log(
    session: Reading, wanted: Annotated[Wanted, Depends(_wanted)], paging: PagingQuery
) -> dict[str, Any]:
    return await list_security_entries(session, wanted, paging)


@router.get("/me/security-log", permission=SIGNED_IN, response_model=Page[SecurityEntryAnswer])
async def get_my_security_log(
    session: Reading, actor: CurrentActor, paging: PagingQuery
) -> dict[str, Any]:
    return await list_own_security_entries(session, actor, paging)
