"""A session: a user signed in, once, and stays so until it ends."""

from datetime import datetime
from typing import ClassVar
from uuid import UUID

from sqlalchemy import ARRAY, ColumnElement, ForeignKey, Index, Text, false, or_, select, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from florin_chassis.actor import Actor
from florin_chassis.errors import NotFound
from florin_chassis.orm import Aggregate, Fact
from florin_chassis.tenancy import Tenanted
from florin_contracts.identity import SessionEndCause, SessionEnded, SessionStarted
from florin_contracts.permissions import Permission
from florin_identity.models.base import Base
from florin_identity.models.reach import clients_of, employees_of
from florin_identity.models.refresh_family import RefreshFamily
from florin_identity.models.user import User

_MAY_SEE = {Permission.SESSIONS_READ, Permission.SESSIONS_END}


class Session(Aggregate, Tenanted, Base):
    """See `florin_contracts.identity.SessionState`. `amr` says how the user proved itself.

    Source of the names in `amr`: RFC 8176.
    """

    __tablename__ = "sessions"
    __table_args__ = (
        Index("ix_sessions_going_on", "started_at", postgresql_where=text("ended_at IS NULL")),
    )
    tenants: ClassVar = {}

    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"), index=True)
    started_at: Mapped[datetime] = mapped_column(index=True)
    ended_at: Mapped[datetime | None]
    end_cause: Mapped[SessionEndCause | None]
    amr: Mapped[list[str]] = mapped_column(ARRAY(Text), server_default="{pwd}")
    family: Mapped[RefreshFamily] = relationship(lazy="raise", viewonly=True)

    @classmethod
    def visible_to(cls, actor: Actor) -> ColumnElement[bool]:
        """The actor's own, unless it acts as another; and with the permission, those it reaches."""
        own = false() if actor.own_id is None else cls.user_id == actor.own_id
        return or_(own, super().visible_to(actor)) if actor.permissions & _MAY_SEE else own

    @classmethod
    def within(cls, dimension: str, ids: frozenset[UUID]) -> ColumnElement[bool]:
        """Those of the users of these tenants."""
        users = User.__table__.c
        if dimension == "client":
            return cls.user_id.in_(select(users.id).where(users.client_id.in_(ids)))
        if dimension == "provider":
            people = select(users.id).where(users.client_id.in_(clients_of(ids)))
            return or_(cls.user_id.in_(employees_of(ids)), cls.user_id.in_(people))
        return super().within(dimension, ids)

    def start(self) -> Fact:
        """Begin."""
        return self.fact(SessionStarted)

    def end(self, cause: SessionEndCause, at: datetime) -> Fact:
        """Have every token that was issued in it refused. Raises `NotFound` if it is over."""
        self.require_going_on()
        self.ended_at, self.end_cause = at, cause
        return self.fact(SessionEnded)

    def require_going_on(self) -> None:
        """Raise `NotFound` if it was ended: there is no such session any more."""
        if self.ended_at is not None:
            raise NotFound(f"there is no session {self.id}")
