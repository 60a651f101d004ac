"""An impersonation: an employee's stay in the control panel with the rights of a client."""

from datetime import datetime
from typing import ClassVar
from uuid import UUID

from sqlalchemy import ColumnElement, or_
from sqlalchemy.orm import Mapped, mapped_column

from florin_chassis.actor import Actor
from florin_chassis.errors import Forbidden, NotFound
from florin_chassis.orm import Aggregate, Fact
from florin_chassis.tenancy import Tenanted
from florin_contracts.identity import ImpersonationEnded, ImpersonationStarted
from florin_identity.models.base import Base
from florin_identity.models.reach import clients_of


class ImpersonatingAlready(Forbidden):
    """Who acts as a client may not become another one."""

    code = "impersonating_already"
    keeps = True


class MayNotImpersonate(Forbidden):
    """Only an employee with the right to, who signed in itself, acts as a client."""

    code = "may_not_impersonate"
    keeps = True


class ClientOutOfReach(NotFound):
    """There is no such client, or it is of none of the employee's providers."""

    keeps = True


class Impersonation(Aggregate, Tenanted, Base):
    """See `florin_contracts.identity.ImpersonationState`. The client can read who acted for it."""

    __tablename__ = "impersonations"
    tenants: ClassVar = {"client": "client_id"}

    employee_user_id: Mapped[UUID]
    client_id: Mapped[UUID] = mapped_column(index=True)
    reason: Mapped[str]
    started_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    session_id: Mapped[UUID | None] = mapped_column(index=True)

    @classmethod
    def within(cls, dimension: str, ids: frozenset[UUID]) -> ColumnElement[bool]:
        """A provider's employees see what was done as a client of theirs."""
        if dimension != "provider":
            return super().within(dimension, ids)
        return cls.client_id.in_(clients_of(ids))

    @classmethod
    def visible_to(cls, actor: Actor) -> ColumnElement[bool]:
        """What the actor reaches, and always its own stays."""
        reached, own = super().visible_to(actor), actor.own_id
        return reached if own is None else or_(reached, cls.employee_user_id == own)

    def start(self) -> Fact:
        """Enter."""
        return self.fact(ImpersonationStarted)

    def end(self, at: datetime) -> Fact:
        """Leave before the time, or be made to. Raises `NotFound` if it is over."""
        if self.ended_at is not None or self.expires_at <= at:
            raise NotFound(f"there is no impersonation {self.id} going on")
        self.ended_at = at
        return self.fact(ImpersonationEnded)
