"""Whether a client can be reached: what identity has stated of its owners' addresses."""

from uuid import UUID

from sqlalchemy import exists, select
from sqlalchemy.ext.asyncio import AsyncSession

from florin_chassis.errors import Refusal
from florin_chassis.road.projections import topic_of
from florin_chassis.tables import projected_states as states
from florin_clients.models.client_user import ClientUser
from florin_contracts.clients import ClientUserStatus
from florin_contracts.identity import UserState
from florin_contracts.permissions import ClientRole


class EmailNotVerified(Refusal):
    """The provider takes orders of clients only whose owner has proved its address."""

    code = "email_not_verified"


async def require_verified_owner(session: AsyncSession, client_id: UUID) -> None:
    """Raise `EmailNotVerified` unless an active owner of the client has a verified address."""
    owners = select(ClientUser.id).where(
        ClientUser.client_id == client_id,
        ClientUser.role == ClientRole.OWNER,
        ClientUser.status == ClientUserStatus.ACTIVE,
    )
    verified = exists().where(
        states.c.topic == topic_of(UserState),
        states.c.id.in_(owners),
        states.c.state["email_verified"].as_boolean(),
    )
    if not await session.scalar(select(verified)):
        raise EmailNotVerified.broken()
