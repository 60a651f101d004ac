"""Which employees and clients belong to which providers, as those who own them have stated."""

from collections.abc import Iterable
from uuid import UUID

from sqlalchemy import ARRAY, Select, Text, cast, func, select
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncSession

from florin_chassis.errors import Refusal
from florin_chassis.road.projections import find_projected
from florin_chassis.tables import projected_states as states
from florin_contracts.clients import ClientRegistered
from florin_contracts.providers import EmployeeInvited, ProviderState


class UnknownProvider(Refusal):
    """No such provider has been stated here."""

    code = "unknown_provider"


async def require_providers(session: AsyncSession, provider_ids: Iterable[UUID]) -> None:
    """Raise `UnknownProvider` for the first that is none."""
    for provider_id in provider_ids:
        if await find_projected(session, ProviderState, provider_id) is None:
            raise UnknownProvider(f"there is no provider {provider_id}")


def employees_of(provider_ids: Iterable[UUID]) -> Select[tuple[UUID]]:
    """The ids of employees who work for one of the providers, named one by one."""
    return _related(EmployeeInvited.topic, provider_ids)


def clients_of(provider_ids: Iterable[UUID]) -> Select[tuple[UUID]]:
    """The ids of clients of one of the providers."""
    return _related(ClientRegistered.topic, provider_ids)


def _related(topic: str, provider_ids: Iterable[UUID]) -> Select[tuple[UUID]]:
    wanted = cast([str(provider_id) for provider_id in provider_ids], ARRAY(Text))
    named = func.jsonb_extract_path(states.c.state, "provider_ids", type_=JSONB)
    return select(states.c.id).where(states.c.topic == topic, named.has_any(wanted))
