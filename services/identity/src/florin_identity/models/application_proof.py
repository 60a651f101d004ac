"""How an application proves at the token endpoint that it is the one it says."""

from florin_chassis.transaction import Transaction
from florin_identity.models.application import KnownApplication, find_application
from florin_identity.models.application_secret import is_secret_of
from florin_identity.models.oauth import InvalidClient
from florin_identity.models.security_log import SecurityAct, note


async def require_application(
    transaction: Transaction, client_id: str | None, secret: str | None
) -> KnownApplication:
    """The application; raises `InvalidClient`, and notes it where there is one.

    A public one has no secret to show, and shows none; a confidential one always does.
    """
    application = await find_application(transaction.session, client_id)
    if application is None:
        raise InvalidClient("the client did not prove who it is")
    if application.confidential:
        proved = secret is not None and await is_secret_of(
            transaction.session, application.id, secret
        )
    else:
        proved = secret is None
    if not proved:
        about = {"application": str(application.id), "reason": "wrong secret"}
        note(transaction, SecurityAct.KEY_REFUSED, None, **about)
        raise InvalidClient("the client did not prove who it is")
    return application
