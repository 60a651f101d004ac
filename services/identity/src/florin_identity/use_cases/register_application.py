"""An application may let its users sign in here."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from florin_chassis.transaction import Begin
from florin_identity.models.application import Application, require_room
from florin_identity.models.application_secret import give_secret
from florin_identity.models.proof import require_own_recent_proof
from florin_identity.models.security_log import SecurityAct, note


async def register_application(
    wanted: Mapping[str, Any], applications_max: int, recent: timedelta, begin: Begin
) -> tuple[Application, str | None]:
    """The application and its secret, which is shown this once; a public one has none.

    Raises `RecentProofNeeded`, `NotForEveryProvider` and `TooManyApplications`.
    """
    application = Application(**wanted, removed=False)
    async with begin() as transaction:
        await require_own_recent_proof(transaction, recent)
        await require_room(transaction.session, applications_max)
        transaction.add(application)
        transaction.emit(application.register(transaction.actor))
        secret = None
        if application.confidential:
            secret = await give_secret(transaction.session, application.id)
        about = {"application": str(application.id), "change": "registered"}
        note(transaction, SecurityAct.APPLICATION_CHANGED, None, **about)
    return application, secret
