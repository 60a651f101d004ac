"""A service account signs in with its secret."""

from uuid import UUID

from florin_chassis.transaction import Begin
from florin_identity.models.client_secret import find_claimant
from florin_identity.models.oauth import InvalidClient
from florin_identity.models.program import SERVICE_ACCOUNT, Program, scoped
from florin_identity.models.proven import see_all
from florin_identity.models.security_log import SecurityAct, note


async def admit_service_account(
    client_id: str, secret: str, scope: str | None, begin: Begin
) -> Program:
    """Raises `InvalidClient`, whatever it was that is wrong, and `InvalidScope`.

    A token that is got is a read, and leaves no trace here but in the audit of what it is used for:
    programs ask by the thousand. What is refused is noted, if there is such an account.
    """
    async with begin() as transaction:
        see_all(transaction)
        claimant = await find_claimant(transaction.session, _id(client_id), secret)
        if claimant is None:
            raise InvalidClient("the client did not prove who it is")
        account, secret_id = claimant
        if secret_id is None or account.disabled:
            reason = "disabled" if account.disabled else "wrong secret"
            note(transaction, SecurityAct.KEY_REFUSED, account.id, reason=reason)
            raise InvalidClient("the client did not prove who it is")
        access = scoped(account.access, scope)
    return Program(SERVICE_ACCOUNT, account.id, secret_id, access)


def _id(client_id: str) -> UUID:
    try:
        return UUID(client_id)
    except ValueError:
        raise InvalidClient("the client did not prove who it is") from None
