"""What browsers and applications were signed in with does not stay for ever."""

from datetime import timedelta
from typing import Any

from services.identity.tests.relying import visit
from sqlalchemy import func, select, update

from florin_chassis.testing.harness import Harness
from florin_contracts.identity import SessionEndCause
from florin_identity.models.application_grant import (
    ApplicationGrant,
    ApplicationToken,
    AuthorizationCode,
)
from florin_identity.models.browser_login import BrowserLogin
from florin_identity.models.ending import end_sessions
from florin_identity.use_cases.forget_sign_ins import forget_sign_ins

KINDS: tuple[type[Any], ...] = (
    BrowserLogin,
    ApplicationGrant,
    AuthorizationCode,
    ApplicationToken,
)


async def kept(identity: Harness) -> list[int]:
    async with identity.runtime.database.engine.connect() as connection:
        return [
            await connection.scalar(select(func.count()).select_from(kind)) or 0 for kind in KINDS
        ]


async def test_what_is_over_is_erased_and_what_is_good_stays(identity: Harness) -> None:
    visiting = await visit(identity)
    tokens = await visiting.tokens()
    await forget_sign_ins(identity.begin)
    assert await kept(identity) == [1, 1, 1, 2]
    assert (await visiting.party.userinfo(tokens["access_token"])).status_code == 200
    async with identity.runtime.database.engine.begin() as connection:
        for kind in KINDS:
            table: Any = kind.__table__
            earlier = table.c.expires_at - timedelta(days=32)
            await connection.execute(update(table).values(expires_at=earlier))
    await forget_sign_ins(identity.begin)
    assert await kept(identity) == [0, 1, 0, 0]  # whose application is told when the session ends
    async with identity.begin() as transaction:
        await end_sessions(transaction, visiting.employee.id, SessionEndCause.ENDED_BY_OTHER)
    await forget_sign_ins(identity.begin)
    assert await kept(identity) == [0, 0, 0, 0]
