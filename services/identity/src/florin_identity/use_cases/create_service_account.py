"""A program is given an account, and a first secret to sign in with."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from florin_chassis.transaction import Begin
from florin_identity.models.client_secret import NewSecret, issue_secret
from florin_identity.models.proof import require_own_recent_proof
from florin_identity.models.reach import require_providers
from florin_identity.models.security_log import SecurityAct, note
from florin_identity.models.service_account import ServiceAccount


async def create_service_account(
    columns: Mapping[str, Any], recent: timedelta, begin: Begin
) -> tuple[ServiceAccount, NewSecret]:
    """The secret is told this once.

    Raises `RecentProofNeeded`, `GrantsMoreThanHeld`, `UnknownProvider`.
    """
    account = ServiceAccount(disabled=False, **columns)
    async with begin() as transaction:
        await require_own_recent_proof(transaction, recent)
        fact = account.create(transaction.actor)
        await require_providers(transaction.session, account.provider_ids)
        transaction.add(account)
        transaction.emit(fact)
        secret = await issue_secret(transaction.session, account)
        note(transaction, SecurityAct.KEY_CREATED, account.id, secret_id=str(secret.id))
    return account, secret
