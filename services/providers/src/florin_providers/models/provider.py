"""A provider: the brand under which services are sold, in one currency at a time."""

from collections.abc import Collection, Mapping
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from florin_chassis.errors import Refusal
from florin_chassis.orm import Aggregate, Fact, ValueColumn
from florin_chassis.tenancy import Tenanted
from florin_contracts.images import Image
from florin_contracts.providers import (
    ProviderArchived,
    ProviderChanged,
    ProviderCreated,
    ProviderCurrencyChanged,
    RegistrationRules,
    ServiceCondition,
    ServiceConditionsChanged,
    ServiceConditionsReevaluated,
)
from florin_providers.models.base import Base
from florin_providers.models.uses import InUse, Uses


class SlugTaken(Refusal):
    """Another provider has this slug already."""

    code = "slug_taken"


class CompanyDoesNotServeProvider(Refusal):
    """A service condition names a company that does not exist or does not serve the provider."""

    code = "company_does_not_serve_provider"


class ProviderIsArchived(Refusal):
    """The provider has ceased to sell."""

    code = "provider_archived"


class ProviderInUse(InUse):
    """Something still works for the provider or is sold by it; `used_by` names what."""

    code = "provider_in_use"


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
    locale: Mapped[str]
    icon: Mapped[Image | None] = mapped_column(ValueColumn(Image))
    notification_email: Mapped[str | None]
    own_support_email: Mapped[str | None]
    site_url: Mapped[str | None]
    billing_url: Mapped[str | None]
    help_url: Mapped[str | None]
    registration: Mapped[RegistrationRules] = mapped_column(ValueColumn(RegistrationRules))
    previous_currencies: Mapped[tuple[str, ...]] = mapped_column(ValueColumn(tuple[str, ...]))
    evaluation: Mapped[int] = mapped_column(default=0)
    archived: Mapped[bool] = mapped_column(default=False)

    @property
    def support_email(self) -> str | None:
        """Where clients ask for help."""
        return self.own_support_email or self.notification_email

    def create(self) -> Fact:
        """Begin to sell."""
        return self.fact(ProviderCreated)

    def require_selling(self) -> None:
        """Raise `ProviderIsArchived` if it has ceased to."""
        if self.archived:
            raise ProviderIsArchived(f"{self.name} has ceased to sell", provider_id=str(self.id))

    def change(self, changes: Mapping[str, Any]) -> Fact | None:
        """Set columns to new values; nothing to state if all were so."""
        self.require_selling()
        differing = {name: value for name, value in changes.items() if getattr(self, name) != value}
        for name, value in differing.items():
            setattr(self, name, value)
        return self.fact(ProviderChanged) if differing else None

    def change_currency(self, currency: str) -> Fact | None:
        """Sell in another currency from now on; nothing to state if it is the same."""
        self.require_selling()
        previous = self.currency
        if currency == previous:
            return None
        before = (*self.previous_currencies, previous)
        self.previous_currencies = tuple(dict.fromkeys(c for c in before if c != currency))
        self.currency = currency
        return self.fact(ProviderCurrencyChanged, previous_currency=previous)

    def archive(self, uses: Uses) -> Fact | None:
        """Cease to sell, for good. Raises `ProviderInUse` while there are uses."""
        if self.archived:
            return None
        if uses:
            raise ProviderInUse.by(uses, f"{self.name} is still in use")
        self.archived, self.registration_open = True, False
        return self.fact(ProviderArchived)

    def replace_conditions(
        self,
        conditions: tuple[ServiceCondition, ...],
        serving: Collection[UUID],
        resting: Collection[UUID] = (),
    ) -> Fact:
        """Set which company serves which payer; the order of the rules is the order of trying.

        `serving` are the companies that serve this provider, `resting` those whose link to it is
        suspended: rules may name them, and match nobody. Raises `CompanyDoesNotServeProvider`.
        """
        self.require_selling()
        for rule, condition in enumerate(conditions, start=1):
            if condition.company_id not in {*serving, *resting}:
                raise CompanyDoesNotServeProvider(
                    f"rule {rule}: no company {condition.company_id} serves this provider",
                    rule=rule,
                    company_id=condition.company_id,
                )
        self.conditions = tuple(_resting(c, c.company_id in resting) for c in conditions)
        return self.fact(ServiceConditionsChanged)

    def rest(self, company_id: UUID, *, suspended: bool) -> Fact | None:
        """Have the rules that name the company match nobody, or match again."""
        before = self.conditions
        self.conditions = tuple(
            _resting(c, suspended) if c.company_id == company_id else c for c in before
        )
        return self.fact(ServiceConditionsChanged) if self.conditions != before else None

    def reevaluate_conditions(self) -> Fact:
        """Have each payer's company chosen anew, by today's conditions, from now on."""
        self.require_selling()
        self.evaluation += 1
        return self.fact(ServiceConditionsReevaluated)


def _resting(condition: ServiceCondition, suspended: bool) -> ServiceCondition:
    return condition.model_copy(update={"suspended": suspended})
