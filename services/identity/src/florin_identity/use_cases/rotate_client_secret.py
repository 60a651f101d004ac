"""A service account gets another secret; the last one holds for a while."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

from florin_chassis.transaction import Begin
from florin_identity.models.application_secret import TooManySecrets
from florin_identity.models.client_secret import (
    SECRETS_MAX,
    NewSecret,
    find_secrets,
    issue_secret,
)
from florin_identity.models.proof import require_own_recent_proof
from florin_identity.models.security_log import SecurityAct, note
from florin_identity.models.service_account import ServiceAccount


async def rotate_client_secret(
    account_id: UUID,
    overlap: timedelta,
    expected_version: int | None,
    recent: timedelta,
    begin: Begin,
) -> tuple[ServiceAccount, NewSecret]:
    """Without an overlap all earlier secrets end at once, and so do the tokens got with them.

    Raises `RecentProofNeeded`, `NotFound`, `VersionMismatch`, `AccountDisabled`, `TooManySecrets`,
    and `GrantsMoreThanHeld`: whoever holds the secret can do all that the account may.
    """
    async with begin() as transaction:
        await require_own_recent_proof(transaction, recent)
        account = await transaction.get(ServiceAccount, account_id)
        account.expect(expected_version)
        account.require_enabled()
        account.require_within(transaction.actor)
        earlier = await find_secrets(transaction.session, account_id)
        if overlap and len(earlier) >= SECRETS_MAX:
            raise TooManySecrets(f"{len(earlier)} secrets hold already", limit=SECRETS_MAX)
        ends_at = datetime.now(UTC) + overlap
        for secret in earlier:
            secret.expires_at = min(secret.expires_at or ends_at, ends_at)
        if not overlap:
            transaction.emit(account.lose_secrets())
        made = await issue_secret(transaction.session, account)
        note(transaction, SecurityAct.KEY_CREATED, account.id, secret_id=str(made.id))
    return account, made
