"""An expense: the charge for a service's period, to a personal account."""

from datetime import datetime
from typing import ClassVar
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, UniqueConstraint
from sqlalchemy.orm import Mapped

from florin_chassis.errors import ConcurrentChange, Refusal
from florin_chassis.orm import Aggregate, Fact
from florin_chassis.tenancy import Tenanted
from florin_contracts.payers import ExpenseCharged
from florin_payers.models.amounts import Amounted
from florin_payers.models.base import Base


class NotRunning(Refusal):
    """A service that has not begun to run has no period to charge for."""

    code = "service_not_running"


class Expense(Amounted, Aggregate, Tenanted, Base):
    """See `florin_contracts.payers.ExpenseState`."""

    __tablename__ = "expenses"
    __table_args__ = (
        UniqueConstraint("service_id", "period_start"),
        CheckConstraint("amount_minor >= 0", name="amount_not_negative"),
        Index(None, "client_id", "id"),
        Index(None, "provider_id", "id"),
    )
    __refusals__: ClassVar = {"uq_expenses_service_id_period_start": ConcurrentChange}
    tenants: ClassVar = {"client": "client_id", "provider": "provider_id"}

    client_id: Mapped[UUID]
    provider_id: Mapped[UUID]
    payer_id: Mapped[UUID]
    account_id: Mapped[UUID]
    service_id: Mapped[UUID]
    description: Mapped[str]
    period_start: Mapped[datetime]
    period_end: Mapped[datetime | None]

    def charge(self) -> Fact:
        """Be owed from the personal account."""
        return self.fact(ExpenseCharged)
