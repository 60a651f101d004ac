"""What was counted of attempts goes when it means nothing any more."""

from typing import Final

from florin_chassis.actor import process_actor
from florin_chassis.runtime import Runtime
from florin_chassis.scheduler import Job
from florin_identity.models.attempts import forget_attempts
from florin_identity.models.known_address import forget_addresses


async def _forget(runtime: Runtime) -> None:
    async with runtime.begin_as(process_actor(runtime.service))() as transaction:
        await forget_attempts(transaction.session)
        await forget_addresses(transaction.session)


FORGET_ATTEMPTS: Final = Job("forget attempts", 60, _forget)
