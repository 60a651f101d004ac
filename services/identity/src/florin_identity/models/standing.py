"""What the next token of a session says: how its user proved itself, and what that allows."""

from dataclasses import replace
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import Boolean, cast, exists, func, select
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncSession

from florin_chassis.road.projections import find_projected, topic_of
from florin_chassis.tables import projected_states as states
from florin_chassis.transaction import Transaction
from florin_contracts.identity import UserKind
from florin_contracts.providers import EmployeeState, ProviderState
from florin_identity.models.access import Holder
from florin_identity.models.proof import SessionProof
from florin_identity.models.reckoning import current_access
from florin_identity.models.rights import Rights
from florin_identity.models.user import User


class Standing(NamedTuple):
    """`provisional`: the user may only enrol the second factor that is demanded of it."""

    methods: list[str]
    proved_at: datetime
    rights: Rights
    provisional: bool

    def claims(self) -> dict[str, Any]:
        """As an access token carries it."""
        claims = {"amr": self.methods, "auth_time": int(self.proved_at.timestamp())}
        if self.provisional:
            claims["provisional"] = True
        return {**claims, **self.rights.claims()}


async def standing_in(transaction: Transaction, proof: SessionProof, user: User) -> Standing:
    """For a token that this transaction issues; ask before its `iat` is taken."""
    rights = await current_access(transaction, user)
    return await standing_of(
        transaction.session, proof, Holder(user.id, user.kind, user.status, rights)
    )


async def standing_of(session: AsyncSession, proof: SessionProof, holder: Holder) -> Standing:
    """The same, where the access has been read and locked already."""
    rights = holder.rights
    provisional = await _falls_short(session, proof, holder)
    if provisional:
        rights = replace(rights, permissions=frozenset(), reach={}, everywhere=False)
    return Standing(proof.methods, proof.proved_at, rights, provisional)


async def is_provisional(session: AsyncSession, session_id: UUID, user_id: UUID) -> bool:
    """Whether a session may be used for no more than adding the factor that is demanded."""
    proof = await session.get_one(SessionProof, session_id)
    return await _falls_short(session, proof, await session.get_one(User, user_id))


async def _falls_short(session: AsyncSession, proof: SessionProof, user: User | Holder) -> bool:
    return not proof.by_several_factors and await is_demanded(session, user)


async def is_demanded(session: AsyncSession, user: User | Holder) -> bool:
    """Whether a provider that the user works for demands a second factor.

    Who works for no provider in particular works for all of them.
    """
    if user.kind is not UserKind.EMPLOYEE:
        return False
    employee = await find_projected(session, EmployeeState, user.id)
    provider_ids = () if employee is None or employee.administrator else employee.provider_ids
    demands = func.jsonb_extract_path(states.c.state, "employees_need_second_factor", type_=JSONB)
    demanding = select(states.c.id).where(
        states.c.topic == topic_of(ProviderState), cast(demands, Boolean)
    )
    if provider_ids:
        demanding = demanding.where(states.c.id.in_(provider_ids))
    return bool(await session.scalar(select(exists(demanding))))
