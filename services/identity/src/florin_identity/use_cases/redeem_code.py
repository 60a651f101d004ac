"""An application gets the tokens that a code stands for. Source: RFC 6749, section 4.1.3."""

import base64
import hashlib
import hmac
import re
from datetime import UTC, datetime
from typing import Final, NamedTuple

from sqlalchemy.ext.asyncio import AsyncSession

from florin_chassis.transaction import Begin, Transaction
from florin_identity.models.application_grant import (
    ApplicationGrant,
    AuthorizationCode,
    Issued,
    Lives,
    is_going_on,
    issue_tokens,
    lock_grant,
)
from florin_identity.models.application_proof import require_application
from florin_identity.models.application_secret import hash_of
from florin_identity.models.oauth import InvalidGrant
from florin_identity.models.security_log import SecurityAct, note

_VERIFIER: Final = re.compile(r"[A-Za-z0-9._~-]{43,128}")


class Claim(NamedTuple):
    """What an application presents, and who it says it is."""

    client_id: str | None
    client_secret: str | None
    code: str
    redirect_uri: str | None
    verifier: str | None


async def redeem_code(claim: Claim, lives: Lives, begin: Begin) -> Issued:
    """Raises `InvalidClient` and `InvalidGrant`.

    A code that comes a second time was stolen, before or now: all that came of it ends (RFC 6749,
    section 4.1.2). So does one whose bearer proves to be the application, and has not asked for it.
    """
    async with begin() as transaction:
        session = transaction.session
        application = await require_application(transaction, claim.client_id, claim.client_secret)
        code = await session.get(AuthorizationCode, hash_of(claim.code))
        if code is None:
            raise _refused()
        grant = await lock_grant(session, code.grant_id)
        if grant.application_id != application.id:
            raise _refused()
        await session.refresh(code)
        fault = await _fault_of(session, code, grant, claim)
        code.used_at = code.used_at or datetime.now(UTC)
        if fault:
            _end(transaction, grant, fault)
            raise _refused()
        return await issue_tokens(session, grant, lives)


async def _fault_of(
    session: AsyncSession, code: AuthorizationCode, grant: ApplicationGrant, claim: Claim
) -> str | None:
    if code.used_at is not None:
        return "code used again"
    if code.expires_at <= datetime.now(UTC) or not await is_going_on(session, grant):
        return "code expired"
    if claim.redirect_uri != code.redirect_uri:
        return "another address"
    return None if _answers(code.challenge, claim.verifier) else "another verifier"


def _answers(challenge: str, verifier: str | None) -> bool:
    """Source: RFC 7636, section 4.6."""
    if verifier is None or not _VERIFIER.fullmatch(verifier):
        return False
    digest = hashlib.sha256(verifier.encode()).digest()
    made = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
    return hmac.compare_digest(made, challenge)


def _end(transaction: Transaction, grant: ApplicationGrant, reason: str) -> None:
    grant.end()
    about = {"application": str(grant.application_id), "reason": reason}
    note(transaction, SecurityAct.KEY_REFUSED, grant.user_id, **about)


def _refused() -> InvalidGrant:
    return InvalidGrant("the code is unknown, used, expired or not for this")
