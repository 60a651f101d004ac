"""A service account may not sign in any more; its tokens are refused, and its keys with them."""

from uuid import UUID

from florin_chassis.transaction import Begin
from florin_identity.models.security_log import SecurityAct, note
from florin_identity.models.service_account import ServiceAccount


async def disable_service_account(
    account_id: UUID, expected_version: int | None, begin: Begin
) -> ServiceAccount:
    """Once more changes nothing. Raises `NotFound`, `VersionMismatch`."""
    async with begin() as transaction:
        account = await transaction.get(ServiceAccount, account_id)
        account.expect(expected_version)
        fact = account.disable()
        if fact is not None:
            transaction.emit(fact)
            note(transaction, SecurityAct.SERVICE_ACCOUNT_CHANGED, account.id, disabled=True)
    return account
