"""A service account is renamed, or gets other rights; its earlier tokens are refused."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from florin_chassis.transaction import Begin
from florin_identity.models.reach import require_providers
from florin_identity.models.security_log import SecurityAct, note
from florin_identity.models.service_account import ServiceAccount


async def change_service_account(
    account_id: UUID, changes: Mapping[str, Any], expected_version: int | None, begin: Begin
) -> ServiceAccount:
    """Raises `NotFound`, `VersionMismatch`, `AccountDisabled`, `GrantsMoreThanHeld`."""
    async with begin() as transaction:
        account = await transaction.get(ServiceAccount, account_id)
        account.expect(expected_version)
        fact = account.change(transaction.actor, changes)
        if fact is not None:
            await require_providers(transaction.session, account.provider_ids)
            transaction.emit(fact)
            note(transaction, SecurityAct.SERVICE_ACCOUNT_CHANGED, account.id, changed=[*changes])
    return account
