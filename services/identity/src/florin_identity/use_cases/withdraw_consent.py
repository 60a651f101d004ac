"""A user takes back what it agreed to tell an application."""

from uuid import UUID

from florin_chassis.errors import NotFound
from florin_chassis.transaction import Begin
from florin_identity.models.application_grant import end_grants
from florin_identity.models.consent import drop_consent
from florin_identity.models.logout_notice import tell_of_logout
from florin_identity.models.security_log import SecurityAct, note


async def withdraw_consent(application_id: UUID, begin: Begin) -> None:
    """Every token that came of it is refused, and the application signs its user out.

    Raises `NotFound`.
    """
    async with begin() as transaction:
        user_id = transaction.actor.own_id
        if user_id is None or not await drop_consent(transaction.session, user_id, application_id):
            raise NotFound(f"you have agreed to nothing for an application {application_id}")
        ended = await end_grants(transaction.session, user_id, application_id)
        await tell_of_logout(transaction.session, ended, application_id)
        about = {"application": str(application_id), "grants": len(ended)}
        note(transaction, SecurityAct.CONSENT_WITHDRAWN, user_id, **about)
