"""An API key is refused from now on: its owner, the client's owner or security staff says so."""

from datetime import UTC, datetime
from uuid import UUID

from florin_chassis.errors import NotFound, NotInPerson
from florin_chassis.transaction import Begin
from florin_identity.models.api_key import ApiKey
from florin_identity.models.security_log import SecurityAct, note


async def revoke_api_key(api_key_id: UUID, begin: Begin, *, own: bool = False) -> ApiKey:
    """Once more changes nothing. Raises `NotFound`, and `NotInPerson` of an impersonator.

    `own` finds the actor's own keys only.
    """
    async with begin() as transaction:
        actor = transaction.actor
        if actor.on_behalf_of is not None:
            raise NotInPerson("keys are not changed while acting for somebody else")
        key = await transaction.get(ApiKey, api_key_id)
        if own and (key.user_id is None or key.user_id != actor.user_id):
            raise NotFound(f"you have no key {api_key_id}")
        fact = key.revoke(datetime.now(UTC))
        if fact is not None:
            transaction.emit(fact)
            note(transaction, SecurityAct.KEY_REVOKED, key.owner_id, api_key_id=str(key.id))
    return key
