"""What the routes of the catalogue answer."""

from datetime import datetime
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from florin_chassis.http.bodies import Resource
from florin_contracts.money import Money
from florin_contracts.providers.catalogue import PlanState
from florin_contracts.providers.offers import OfferStatus, PriceState, Translation, Trial


class TypeAnswer(Resource):
    """A type of products."""

    code: str
    name: str
    description: str | None
    translations: dict[str, Translation]
    tax_category: str
    status: OfferStatus


class ProductAnswer(Resource):
    """A product with its plans."""

    provider_id: UUID
    code: str
    product_type: str | None
    name: str
    description: str | None
    translations: dict[str, Translation]
    tax_category: str | None
    status: OfferStatus
    plans: tuple[PlanState, ...]


class PlanAnswer(Resource):
    """A plan and what it belongs to; `status` is archived where its product is."""

    product_id: UUID
    provider_id: UUID
    product_type: str | None
    code: str
    status: OfferStatus
    plan: PlanState


class PriceAnswer(Resource):
    """One price of a plan: past, present or to come."""

    plan_id: UUID
    price: PriceState


class CostAnswer(BaseModel):
    """What a plan costs at a moment, for whom, and whether it may be ordered then."""

    model_config = ConfigDict(frozen=True, from_attributes=True)

    plan_id: UUID
    at: datetime
    price: PriceState
    cost: Money
    trial: Trial | None
    on_offer: bool
