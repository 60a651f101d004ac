"""Nobody signs in through the application any more."""

from uuid import UUID

from sqlalchemy import delete

from florin_chassis.transaction import Begin
from florin_identity.models.application import need_application
from florin_identity.models.application_secret import ApplicationSecret
from florin_identity.models.security_log import SecurityAct, note


async def remove_application(
    application_id: UUID, expected_version: int | None, begin: Begin
) -> None:
    """Its secrets go at once, and none of its tokens is good for anything.

    Raises `NotFound` and `VersionMismatch`.
    """
    async with begin() as transaction:
        application = await need_application(transaction.session, application_id, locked=True)
        application.expect(expected_version)
        transaction.emit(application.remove())
        mine = ApplicationSecret.application_id == application_id
        await transaction.session.execute(delete(ApplicationSecret).where(mine))
        about = {"application": str(application_id), "change": "removed"}
        note(transaction, SecurityAct.APPLICATION_CHANGED, None, **about)
