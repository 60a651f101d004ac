"""What browsers and applications were signed in with is erased a day after it ended."""

from datetime import UTC, datetime, timedelta
from typing import Any, Final

from sqlalchemy import Exists, delete, exists, or_

from florin_chassis.actor import process_actor
from florin_chassis.runtime import Runtime
from florin_chassis.scheduler import Job
from florin_chassis.transaction import Begin
from florin_identity.models.application_grant import (
    ApplicationGrant,
    ApplicationToken,
    AuthorizationCode,
)
from florin_identity.models.application_secret import ApplicationSecret
from florin_identity.models.browser_login import BrowserLogin
from florin_identity.models.session import Session

_KEPT_FOR: Final = timedelta(days=1)
"""So long a code or token that comes again is still known for one."""


async def forget_sign_ins(begin: Begin) -> None:
    """Grants stay while their session goes on, at whose end their applications are told.

    Codes and tokens of a grant go with it; its access tokens before, a refresh token never.

    A refresh token that was used stays as long as it was good: it tells of a theft.
    """
    over = datetime.now(UTC) - _KEPT_FOR
    bounds: dict[type[Any], Any] = {
        BrowserLogin: BrowserLogin.expires_at,
        AuthorizationCode: AuthorizationCode.expires_at,
        ApplicationToken: ApplicationToken.expires_at,
        ApplicationSecret: ApplicationSecret.valid_until,
    }
    async with begin() as transaction:
        for kind, bound in bounds.items():
            await transaction.session.execute(delete(kind).where(bound < over))
        past = or_(ApplicationGrant.expires_at < over, ApplicationGrant.ended_at < over)
        await transaction.session.execute(delete(ApplicationGrant).where(past, ~_goes_on()))


def _goes_on() -> Exists:
    sessions = Session.__table__.c
    return exists().where(sessions.id == ApplicationGrant.session_id, sessions.ended_at.is_(None))


async def _forget(runtime: Runtime) -> None:
    await forget_sign_ins(runtime.begin_as(process_actor(runtime.service)))


FORGET_SIGN_INS: Final = Job("forget sign-ins", 3_600, _forget)
