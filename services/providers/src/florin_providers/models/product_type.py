"""A kind of product, such as shared hosting; it belongs to no provider."""

from collections.abc import Mapping
from typing import Any, ClassVar

from sqlalchemy import UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from florin_chassis.errors import Refusal
from florin_chassis.orm import Aggregate, Fact, ValueColumn
from florin_chassis.tenancy import Tenanted
from florin_contracts.providers.catalogue import ProductTypeChanged, ProductTypeCreated
from florin_contracts.providers.offers import OfferStatus, Translation
from florin_providers.models.base import Base


class TypeCodeTaken(Refusal):
    """Another type of products has this code already."""

    code = "type_code_taken"


class TypeArchived(Refusal):
    """There are no new products of a type that is archived."""

    code = "type_archived"


class ProductType(Aggregate, Tenanted, Base):
    """See `florin_contracts.providers.catalogue.ProductTypeState`."""

    __tablename__ = "product_types"
    __history__ = True
    __table_args__ = (UniqueConstraint("code"),)
    __refusals__: ClassVar = {"uq_product_types_code": TypeCodeTaken}

    tenants: ClassVar = {"provider": None, "client": None}

    code: Mapped[str]
    name: Mapped[str]
    description: Mapped[str | None]
    translations: Mapped[dict[str, Translation]] = mapped_column(
        ValueColumn(dict[str, Translation])
    )
    tax_category: Mapped[str]
    status: Mapped[OfferStatus]

    def create(self) -> Fact:
        """Be a type that products may have."""
        return self.fact(ProductTypeCreated)

    def change(self, changes: Mapping[str, Any]) -> Fact | None:
        """Set columns to new values; nothing to state if all were so."""
        differing = {name: value for name, value in changes.items() if getattr(self, name) != value}
        for name, value in differing.items():
            setattr(self, name, value)
        return self.fact(ProductTypeChanged) if differing else None

    def require_on_offer(self) -> None:
        """Raise `TypeArchived` when there may be no more products of it."""
        if self.status is OfferStatus.ARCHIVED:
            raise TypeArchived(f"products of type {self.code} are archived")
