"""What an application may know of its user. Source: OpenID Connect Core 1.0, section 5.3."""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from florin_identity.models.application_grant import (
    ApplicationGrant,
    ApplicationToken,
    InvalidToken,
    is_going_on,
)
from florin_identity.models.application_secret import hash_of
from florin_identity.models.user import User

_USER = User.__table__.c


async def find_userinfo(session: AsyncSession, access_token: str) -> dict[str, Any]:
    """The claims that the token's scopes are for; raises `InvalidToken`."""
    token = await session.get(ApplicationToken, hash_of(access_token))
    if token is None or token.renews or token.expires_at <= datetime.now(UTC):
        raise _refused()
    grant = await session.get_one(ApplicationGrant, token.grant_id)
    if not await is_going_on(session, grant):
        raise _refused()
    columns = (_USER.name, _USER.kind, _USER.email, _USER.email_verified)
    name, kind, email, verified = (
        await session.execute(select(*columns).where(_USER.id == grant.user_id))
    ).one()
    profile = {"name": name, "kind": kind} if "profile" in grant.scopes else {}
    reachable = {"email": email, "email_verified": verified} if "email" in grant.scopes else {}
    return {"sub": str(grant.user_id), **profile, **reachable}


def _refused() -> InvalidToken:
    return InvalidToken("the access token is unknown, expired or revoked")
