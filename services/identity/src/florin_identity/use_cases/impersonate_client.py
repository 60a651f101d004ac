"""An employee enters the control panel with the rights of a client, for a reason."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from florin_chassis.actor import Actor
from florin_chassis.errors import Forbidden, NotFound
from florin_chassis.road.projections import find_projected
from florin_chassis.transaction import Begin
from florin_contracts.clients import ClientState
from florin_identity.models.impersonation import ImpersonatingAlready, Impersonation


async def impersonate_client(
    client_id: UUID, reason: str, life: timedelta, begin: Begin
) -> Impersonation:
    """Raises `NotFound` for a client beyond the employee's providers, `ImpersonatingAlready`."""
    async with begin() as transaction:
        employee_user_id = _person(transaction.actor)
        await _require_reached(transaction.session, client_id, transaction.actor)
        now = datetime.now(UTC)
        impersonation = Impersonation(
            employee_user_id=employee_user_id,
            client_id=client_id,
            reason=reason,
            started_at=now,
            expires_at=now + life,
        )
        transaction.add(impersonation)
        transaction.emit(impersonation.start())
    return impersonation


def _person(actor: Actor) -> UUID:
    if actor.on_behalf_of is not None:
        raise ImpersonatingAlready(f"you act as {actor.on_behalf_of}")
    if actor.user_id is None:
        raise Forbidden("only a person can act as a client")
    return actor.user_id


async def _require_reached(session: AsyncSession, client_id: UUID, actor: Actor) -> None:
    client = await find_projected(session, ClientState, client_id)
    providers = () if client is None else client.provider_ids
    if not any(actor.reaches("provider", provider_id) for provider_id in providers):
        raise NotFound(f"there is no client {client_id}")
