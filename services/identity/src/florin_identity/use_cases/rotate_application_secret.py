"""An application gets another secret; the last one stays valid for a while."""

from datetime import timedelta
from uuid import UUID

from florin_chassis.transaction import Begin
from florin_identity.models.application import Application, need_application
from florin_identity.models.application_secret import KeepsNoSecret, end_secrets, give_secret
from florin_identity.models.proof import require_own_recent_proof
from florin_identity.models.security_log import SecurityAct, note


async def rotate_application_secret(
    application_id: UUID,
    overlap: timedelta,
    expected_version: int | None,
    recent: timedelta,
    begin: Begin,
) -> tuple[Application, str]:
    """The application and its new secret, which is shown this once.

    Without an overlap every older secret ends at once, which is how one that others have seen is
    replaced. Raises `RecentProofNeeded`, `NotFound`, `VersionMismatch`, `KeepsNoSecret` and
    `TooManySecrets`.
    """
    async with begin() as transaction:
        await require_own_recent_proof(transaction, recent)
        application = await need_application(transaction.session, application_id, locked=True)
        application.expect(expected_version)
        if not application.confidential:
            raise KeepsNoSecret("a public application proves itself by PKCE alone")
        await end_secrets(transaction.session, application_id, overlap)
        secret = await give_secret(transaction.session, application_id)
        about = {"application": str(application_id), "change": "secret"}
        note(transaction, SecurityAct.APPLICATION_CHANGED, None, **about)
    return application, secret
