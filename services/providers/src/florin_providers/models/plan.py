"""Plans and prices as rows of their own, to be found among very many.

They are an index of what products state: a trigger writes them in the statement that changes a
product, so that neither can be without the other. Prices that have ended stay here for good.
"""

from datetime import datetime
from typing import ClassVar
from uuid import UUID

from sqlalchemy import ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import TSTZRANGE, ExcludeConstraint, Range
from sqlalchemy.orm import Mapped, mapped_column

from florin_chassis.orm import ValueColumn
from florin_chassis.tenancy import Tenanted
from florin_contracts.providers.catalogue import PlanState
from florin_contracts.providers.offers import OfferStatus, PriceState
from florin_providers.models.base import Base


class Plan(Tenanted, Base):
    """A plan, and what of its product it is found by; archived where its product is."""

    __tablename__ = "plans"
    __table_args__ = (
        UniqueConstraint("provider_id", "code"),
        Index(None, "product_id", "id"),
        Index(None, "provider_id", "id"),
        Index(None, "product_type", "id"),
        Index(None, "status", "id"),
        Index(
            "ix_plans_search",
            "search",
            postgresql_using="gin",
            postgresql_ops={"search": "gin_trgm_ops"},
        ),
    )
    tenants: ClassVar = {"provider": "provider_id", "client": None}

    id: Mapped[UUID] = mapped_column(primary_key=True)
    product_id: Mapped[UUID] = mapped_column(ForeignKey("products.id"))
    provider_id: Mapped[UUID]
    product_type: Mapped[str | None]
    code: Mapped[str]
    status: Mapped[OfferStatus]
    search: Mapped[str] = mapped_column(deferred=True)
    plan: Mapped[PlanState] = mapped_column(ValueColumn(PlanState))


class Price(Base):
    """What a plan costs, has cost or will cost for one period of one length."""

    __tablename__ = "prices"
    __table_args__ = (
        ExcludeConstraint(
            ("plan_id", "="),
            ("currency", "="),
            ("term", "="),
            ("valid", "&&"),
            name="ex_prices_overlap",
            using="gist",
        ),
        Index("ix_prices_plan_id_valid_from", "plan_id", text("lower(valid)")),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    plan_id: Mapped[UUID] = mapped_column(ForeignKey("plans.id"))
    currency: Mapped[str]
    term: Mapped[str]
    valid: Mapped[Range[datetime]] = mapped_column(TSTZRANGE)
    price: Mapped[PriceState] = mapped_column(ValueColumn(PriceState))
