"""An application gets fresh tokens for a refresh token. Source: RFC 6749, section 6."""

from datetime import UTC, datetime
from typing import NamedTuple

from florin_chassis.transaction import Begin
from florin_identity.models.application_grant import (
    ApplicationToken,
    Issued,
    Lives,
    is_going_on,
    issue_tokens,
    lock_grant,
)
from florin_identity.models.application_proof import require_application
from florin_identity.models.application_secret import hash_of
from florin_identity.models.oauth import InvalidGrant, InvalidScope
from florin_identity.models.security_log import SecurityAct, note


class Renewal(NamedTuple):
    """What an application presents, and who it says it is."""

    client_id: str | None
    client_secret: str | None
    refresh_token: str
    scope: str | None


async def renew_application_tokens(renewal: Renewal, lives: Lives, begin: Begin) -> Issued:
    """Raises `InvalidClient`, `InvalidGrant` and `InvalidScope`.

    Each token is good once. One that comes again was stolen, before or now, and the grant ends.
    Source: RFC 9700, section 4.14.
    """
    async with begin() as transaction:
        session = transaction.session
        application = await require_application(
            transaction, renewal.client_id, renewal.client_secret
        )
        token = await session.get(ApplicationToken, hash_of(renewal.refresh_token))
        if token is None or not token.renews:
            raise _refused()
        grant = await lock_grant(session, token.grant_id)
        await session.refresh(token)
        if grant.application_id != application.id or not await is_going_on(session, grant):
            raise _refused()
        if token.used_at is not None:
            grant.end()
            about = {"application": str(application.id)}
            note(transaction, SecurityAct.REFRESH_TOKEN_REUSED, grant.user_id, **about)
            raise _refused()
        if not set((renewal.scope or "").split()) <= set(grant.scopes):
            raise InvalidScope("a scope was not granted")
        token.used_at = datetime.now(UTC)
        return await issue_tokens(session, grant, lives)


def _refused() -> InvalidGrant:
    return InvalidGrant("the refresh token is unknown, used, expired or revoked")
