"""What an order may be placed on: a plan that is sold, and a payer whom some company serves."""

from dataclasses import dataclass
from uuid import UUID

from florin_chassis.errors import Refusal
from florin_contracts.payers import PayerState
from florin_contracts.providers import BillingPeriod, PlanState, ProductState, ProviderState


class UnknownPlan(Refusal):
    """No provider sells such a plan."""

    code = "unknown_plan"


class UnknownPayer(Refusal):
    """The client has no such payer."""

    code = "unknown_payer"


class NoCompanyServesPayer(Refusal):
    """By the provider's service conditions no company serves such a payer."""

    code = "no_company_serves_payer"


@dataclass(frozen=True, slots=True)
class Terms:
    """A plan, the provider that sells it, and the payer who will be invoiced for it."""

    provider_id: UUID
    product_id: UUID
    payer_id: UUID
    plan: PlanState


@dataclass(frozen=True, slots=True)
class Offer:
    """What was last heard of the things that an order names; `None` for what was never heard of."""

    product: ProductState | None
    provider: ProviderState | None
    payer: PayerState | None
    plan_id: UUID

    def terms_for(self, client_id: UUID) -> Terms:
        """Raises `UnknownPlan`, `UnknownPayer`, `NoCompanyServesPayer`."""
        if self.product is None or self.provider is None:
            raise UnknownPlan.broken()
        plan = next((plan for plan in self.product.plans if plan.id == self.plan_id), None)
        if plan is None or not isinstance(plan.period, BillingPeriod):
            raise UnknownPlan.broken()
        if self.payer is None or self.payer.client_id != client_id:
            raise UnknownPayer.broken()
        if self.provider.company_for(self.payer.country, self.payer.payer_type) is None:
            raise NoCompanyServesPayer.broken()
        return Terms(self.provider.id, self.product.id, self.payer.id, plan)
