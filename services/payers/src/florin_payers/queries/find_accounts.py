"""Looks personal accounts up, each with its balance."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from florin_chassis.http.pages import Paging
from florin_contracts.money import Money
from florin_payers.models import Account, BalanceShard
from florin_payers.queries.list_rows import list_rows


@dataclass(frozen=True, slots=True)
class AccountWithBalance:
    """A personal account and what is on it; below zero when more was charged than paid."""

    id: UUID
    client_id: UUID
    provider_id: UUID
    currency: str
    balance: Money


async def list_accounts(
    session: AsyncSession, paging: Paging, **owners: UUID | None
) -> dict[str, Any]:
    """A page of the accounts that the actor reaches, narrowed to those owners that are named."""
    page = await list_rows(Account, session, paging, **owners)
    balances = await _balances_minor(session, (account.id for account in page["data"]))
    return {**page, "data": [_with_balance(a, balances.get(a.id, 0)) for a in page["data"]]}


async def _balances_minor(session: AsyncSession, account_ids: Iterable[UUID]) -> dict[UUID, int]:
    shards = (
        select(BalanceShard.account_id, func.sum(BalanceShard.minor))
        .where(BalanceShard.account_id.in_(list(account_ids)))
        .group_by(BalanceShard.account_id)
    )
    return {account_id: int(minor) for account_id, minor in await session.execute(shards)}


def _with_balance(account: Account, minor: int) -> AccountWithBalance:
    return AccountWithBalance(
        id=account.id,
        client_id=account.client_id,
        provider_id=account.provider_id,
        currency=account.currency,
        balance=Money(minor=minor, currency=account.currency),
    )
