"""What an order may be placed on: a plan that is sold, and a payer whom some company serves."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from florin_chassis.errors import Refusal
from florin_contracts.payers import PayerState, company_kept
from florin_contracts.providers import CompanyState, ProviderState
from florin_contracts.providers.catalogue import PlanState, ProductState
from florin_contracts.providers.offers import BillingPeriod, OfferStatus, PeriodUnit, PriceState


class UnknownPlan(Refusal):
    """No provider sells such a plan."""

    code = "unknown_plan"


class NotOnOffer(Refusal):
    """The plan is archived, not for this client or not now, or has no price for such a period."""

    code = "not_on_offer"


class UnknownPayer(Refusal):
    """The client has no such payer."""

    code = "unknown_payer"


class NoCompanyServesPayer(Refusal):
    """No company serves the payer: none is kept, and the service conditions choose none."""

    code = "no_company_serves_payer"


@dataclass(frozen=True, slots=True)
class Terms:
    """A plan, the provider that sells it, and the payer who will be invoiced for it.

    `verified_email` is what the provider asks of the client.
    """

    provider_id: UUID
    product_id: UUID
    payer_id: UUID
    plan: PlanState
    price: PriceState
    verified_email: bool = False


@dataclass(frozen=True, slots=True)
class Offer:
    """What was last heard of the things that an order names; `None` for what was never heard of."""

    product: ProductState | None
    provider: ProviderState | None
    payer: PayerState | None
    plan_id: UUID
    term: str | None = None
    company: CompanyState | None = None
    """The one that the payer keeps at the provider."""

    def terms_for(self, client_id: UUID, country: str, at: datetime) -> Terms:
        """Raises `UnknownPlan`, `NotOnOffer`, `UnknownPayer`, `NoCompanyServesPayer`."""
        if self.product is None or self.provider is None:
            raise UnknownPlan.broken()
        plan = next((plan for plan in self.product.plans if plan.id == self.plan_id), None)
        if plan is None:
            raise UnknownPlan.broken()
        price = _price_on_offer(self.product, plan, self.provider, self.term, at)
        if price is None or (plan.availability and not plan.availability.admits(at, country, ())):
            raise NotOnOffer.broken()
        if self.payer is None or self.payer.client_id != client_id:
            raise UnknownPayer.broken()
        if not self._is_served(self.payer, self.provider):
            raise NoCompanyServesPayer.broken()
        verified = self.provider.registration.verified_email
        return Terms(self.provider.id, self.product.id, self.payer.id, plan, price, verified)

    def _is_served(self, payer: PayerState, provider: ProviderState) -> bool:
        """As payers decides it: by the company that is kept while it serves, or else the rules."""
        kept = company_kept(payer.companies, provider)
        if kept is not None and (self.company is None or provider.id in self.company.provider_ids):
            return True
        return provider.company_for(payer.country, payer.payer_type) is not None


def _price_on_offer(
    product: ProductState, plan: PlanState, provider: ProviderState, term: str | None, at: datetime
) -> PriceState | None:
    """What may be ordered then; a plan of before there were prices over time has one always."""
    if OfferStatus.ARCHIVED in (product.status, plan.status) or provider.archived:
        return None
    if not plan.prices:
        always = PriceState(id=plan.id, period=plan.period, price=plan.price, valid_from=at)
        plan = plan.model_copy(update={"prices": (always,)})
    price = plan.price_at(at, provider.currency, term)
    known = price is not None and isinstance(price.period, BillingPeriod)
    return price if known and isinstance(_unit(price), PeriodUnit | None) else None


def _unit(price: PriceState | None) -> str | None:
    return price.length.unit if price and price.length else None
