"""How and when the user of a session last proved who it is."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Self
from uuid import UUID

from sqlalchemy import ForeignKey
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from florin_chassis.actor import Actor
from florin_chassis.errors import Forbidden, NotInPerson
from florin_chassis.transaction import Transaction
from florin_identity.models.base import Base
from florin_identity.models.user import User


class Method(StrEnum):
    """A way to prove who one is, as `amr` names it. Source: RFC 8176, section 2."""

    PASSWORD = "pwd"  # noqa: S105 - a word
    ONE_TIME_CODE = "otp"
    HARDWARE_KEY = "hwk"
    SOFTWARE_KEY = "swk"
    SEVERAL_FACTORS = "mfa"


class RecentProofNeeded(Forbidden):
    """Prove once more who you are: it is too long ago, or was by less than you have by now."""

    code = "recent_proof_needed"


class SessionProof(Base):
    """Apart from the session, whose state is told to everyone."""

    __tablename__ = "session_proofs"

    session_id: Mapped[UUID] = mapped_column(
        ForeignKey("sessions.id", ondelete="CASCADE"), primary_key=True
    )
    methods: Mapped[list[str]] = mapped_column(JSONB)
    proved_at: Mapped[datetime]

    @classmethod
    def begin(cls, session_id: UUID, at: datetime, methods: Iterable[str]) -> Self:
        """The proof that a session begins with."""
        return cls(session_id=session_id, methods=together(*methods), proved_at=at)

    @property
    def by_several_factors(self) -> bool:
        """Whether it took more than one factor."""
        return Method.SEVERAL_FACTORS in self.methods

    def require_recent(self, within: timedelta, *, second_factor: bool) -> None:
        """Raise `RecentProofNeeded` unless it is recent, and by both factors if the user has any.

        Then a password alone changes nothing of them.
        """
        if datetime.now(UTC) - self.proved_at > within:
            raise RecentProofNeeded("prove again who you are: it was too long ago")
        if second_factor and not self.by_several_factors:
            raise RecentProofNeeded("prove again who you are, with a second factor")

    def renew(self, methods: Iterable[str]) -> None:
        """The user has proved itself again, just now."""
        self.methods = together(*self.methods, *methods)
        self.proved_at = datetime.now(UTC)


def together(*methods: str) -> list[str]:
    """All of them, and that they are several factors where a key or code joins a password."""
    given = set(methods)
    if Method.PASSWORD in given and given - {Method.PASSWORD}:
        given.add(Method.SEVERAL_FACTORS)
    return sorted(given)


async def find_proof(session: AsyncSession, actor: Actor) -> SessionProof:
    """The proof of the actor's own session, locked; raises `NotInPerson` if it is in none."""
    proof = None
    if actor.session_id is not None:
        proof = await session.get(SessionProof, actor.session_id, with_for_update=True)
    if proof is None:
        raise NotInPerson("sign in yourself to do this: no key or impersonation will do")
    return proof


async def require_own_recent_proof(transaction: Transaction, within: timedelta) -> SessionProof:
    """The proof of whoever asks, locked, before it makes what somebody could sign in with.

    Raises `NotInPerson`, and `RecentProofNeeded` unless it is recent, and by both factors where
    the user has any second one: then a password alone changes nothing.
    """
    session, actor = transaction.session, transaction.actor
    proof = await find_proof(session, actor)
    user = await session.get_one(User, actor.user_id)
    proof.require_recent(within, second_factor=user.second_factor)
    return proof
