"""A provider: the brand under which services are sold, in exactly one currency."""

from collections.abc import Collection, Mapping
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from florin_chassis.errors import Refusal
from florin_chassis.orm import Aggregate, Fact, ValueColumn
from florin_chassis.tenancy import Tenanted
from florin_contracts.providers import (
    ProviderChanged,
    ProviderCreated,
    ServiceCondition,
    ServiceConditionsChanged,
)
from florin_providers.models.base import Base


class SlugTaken(Refusal):
    """Another provider has this slug already."""

    code = "slug_taken"


class CompanyDoesNotServeProvider(Refusal):
    """A service condition names a company that does not exist or does not serve the provider."""

    code = "company_does_not_serve_provider"


class Provider(Aggregate, Tenanted, Base):
    """See `florin_contracts.providers.ProviderState`."""

    __tablename__ = "providers"
    __table_args__ = (UniqueConstraint("slug"),)
    __refusals__: ClassVar = {"uq_providers_slug": SlugTaken}
    __history__ = True
    tenants: ClassVar = {"provider": "id", "client": None}

    name: Mapped[str]
    slug: Mapped[str]
    currency: Mapped[str]
    time_zone: Mapped[str]
    registration_open: Mapped[bool] = mapped_column(default=True)
    employees_need_second_factor: Mapped[bool] = mapped_column(default=False)
    conditions: Mapped[tuple[ServiceCondition, ...]] = mapped_column(
        ValueColumn(tuple[ServiceCondition, ...])
    )

    def create(self) -> Fact:
        """Begin to sell."""
        return self.fact(ProviderCreated)

    def change(self, changes: Mapping[str, Any]) -> Fact | None:
        """Set columns to new values; nothing to state if all were so."""
        differing = {name: value for name, value in changes.items() if getattr(self, name) != value}
        for name, value in differing.items():
            setattr(self, name, value)
        return self.fact(ProviderChanged) if differing else None

    def replace_conditions(
        self, conditions: tuple[ServiceCondition, ...], serving: Collection[UUID]
    ) -> Fact:
        """Set which company serves which payer; the order of the rules is the order of trying.

        `serving` are the companies that serve this provider. Raises `CompanyDoesNotServeProvider`.
        """
        for rule, condition in enumerate(conditions, start=1):
            if condition.company_id not in serving:
                raise CompanyDoesNotServeProvider(
                    f"rule {rule}: no company {condition.company_id} serves this provider",
                    rule=rule,
                    company_id=condition.company_id,
                )
        self.conditions = conditions
        return self.fact(ServiceConditionsChanged)
