"""Looks service accounts and their secrets up."""

from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from florin_chassis.finding import find_one
from florin_chassis.http.pages import Paging, paginate
from florin_identity.models import ClientSecret, ServiceAccount
from florin_identity.models.client_secret import find_secrets


async def list_service_accounts(session: AsyncSession, paging: Paging) -> dict[str, Any]:
    """A page of the accounts that the actor reaches."""
    return await paginate(session, select(ServiceAccount), ServiceAccount.id, paging)


async def list_secrets(session: AsyncSession, account_id: UUID) -> list[ClientSecret]:
    """The secrets that hold of an account that the actor reaches; raises `NotFound`."""
    account = await find_one(session, ServiceAccount, account_id)
    return await find_secrets(session, account.id)
