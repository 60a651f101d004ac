"""What identity has stated of logins: whether an address is one's, whether an employee has its."""

from collections.abc import Sequence
from enum import StrEnum
from typing import Final
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from florin_providers.models.employee import EmailTaken, Employee

# As the index has it, word for word. Of employees' addresses the table of employees tells, sooner.
_OF_CLIENT: Final = (
    "EXISTS (SELECT FROM projected_states WHERE topic = 'identity-user'"
    " AND state ->> 'email' = :email AND state ->> 'status' <> 'left'"
    " AND state ->> 'kind' = 'client')"
)
_TAKEN: Final = text(f"SELECT {_OF_CLIENT}")
_WITHOUT_LOGIN: Final = text(
    "SELECT asked.id FROM unnest(CAST(:ids AS uuid[]), CAST(:emails AS text[])) AS asked(id, email)"  # noqa: S608
    " WHERE NOT EXISTS (SELECT FROM projected_states p"
    " WHERE p.topic = 'identity-user' AND p.id = asked.id)"
    f" AND {_OF_CLIENT.replace(':email', 'asked.email')}"
)


class RefusedBecause(StrEnum):
    """Why identity has made no login for an employee."""

    ADDRESS_IN_USE = "address_in_use"


async def require_free(session: AsyncSession, email: str) -> None:
    """Raise `EmailTaken` if one of a client's people signs in with the address.

    As far as identity has stated it: of two at once the login decides, and the employee shows it.
    """
    if await session.scalar(_TAKEN, {"email": email}):
        raise EmailTaken("somebody signs in with this email address already")


async def refused_among(
    session: AsyncSession, employees: Sequence[Employee]
) -> dict[UUID, RefusedBecause]:
    """Those of the employees who cannot join, since their address is another's login."""
    waiting = [employee for employee in employees if not employee.joined and employee.goes_on]
    if not waiting:
        return {}
    asked = {"ids": [one.id for one in waiting], "emails": [one.email for one in waiting]}
    found = await session.scalars(_WITHOUT_LOGIN, asked)
    return dict.fromkeys(found, RefusedBecause.ADDRESS_IN_USE)
