"""An application gets another name, other addresses or other users."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

from florin_chassis.transaction import Begin
from florin_identity.models.application import Application, need_application
from florin_identity.models.proof import require_own_recent_proof
from florin_identity.models.security_log import SecurityAct, note


async def change_application(
    application_id: UUID,
    changes: Mapping[str, Any],
    expected_version: int | None,
    recent: timedelta,
    begin: Begin,
) -> Application:
    """Who says where codes are sent can sign in: raises `RecentProofNeeded`.

    Raises `NotFound` and `VersionMismatch`.
    """
    async with begin() as transaction:
        await require_own_recent_proof(transaction, recent)
        application = await need_application(transaction.session, application_id, locked=True)
        application.expect(expected_version)
        if changed := application.change(changes):
            transaction.emit(changed)
            about = {"application": str(application_id), "change": ", ".join(sorted(changes))}
            note(transaction, SecurityAct.APPLICATION_CHANGED, None, **about)
    return application
