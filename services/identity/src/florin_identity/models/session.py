"""A session: a user signed in."""

from datetime import datetime
from typing import ClassVar
from uuid import UUID

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from florin_chassis.orm import Aggregate, Fact
from florin_chassis.tenancy import Tenanted
from florin_contracts.identity import SessionStarted
from florin_identity.models.base import Base


class Session(Aggregate, Tenanted, Base):
    """See `florin_contracts.identity.SessionState`. Nobody's reach holds another's sessions."""

    __tablename__ = "sessions"
    tenants: ClassVar = {}

    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"), index=True)
    started_at: Mapped[datetime]

    def start(self) -> Fact:
        """Begin."""
        return self.fact(SessionStarted)
