"""An application gives a token up. Source: RFC 7009."""

from florin_chassis.transaction import Begin
from florin_identity.models.application_grant import ApplicationToken, lock_grant
from florin_identity.models.application_proof import require_application
from florin_identity.models.application_secret import hash_of


async def revoke_application_token(
    client_id: str | None, client_secret: str | None, token: str, begin: Begin
) -> None:
    """Raises `InvalidClient`. A token that is unknown, or another's, is as good as revoked.

    A refresh token takes all that came of its grant along, an access token only itself.
    """
    async with begin() as transaction:
        session = transaction.session
        application = await require_application(transaction, client_id, client_secret)
        found = await session.get(ApplicationToken, hash_of(token))
        if found is None:
            return
        grant = await lock_grant(session, found.grant_id)
        if grant.application_id != application.id:
            return
        if found.renews:
            grant.end()
        else:
            await session.delete(found)
