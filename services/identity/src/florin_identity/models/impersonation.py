"""An impersonation: an employee's stay in the control panel with the rights of a client."""

from datetime import datetime
from typing import ClassVar
from uuid import UUID

from sqlalchemy import ColumnElement
from sqlalchemy.orm import Mapped, mapped_column

from florin_chassis.errors import Forbidden
from florin_chassis.orm import Aggregate, Fact
from florin_chassis.tenancy import Tenanted
from florin_contracts.identity import ImpersonationStarted
from florin_identity.models.base import Base
from florin_identity.models.reach import clients_of


class ImpersonatingAlready(Forbidden):
    """Who acts as a client may not become another one."""

    code = "impersonating_already"


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

    def start(self) -> Fact:
        """Enter."""
        return self.fact(ImpersonationStarted)
