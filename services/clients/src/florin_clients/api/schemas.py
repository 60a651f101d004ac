"""What the routes take and answer."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import Field

from florin_chassis.http.bodies import Body, Email, Line, Prose, Resource
from florin_clients.models import Side
from florin_contracts.clients import (
    ClientActivity,
    ClientUserStatus,
    InvitationRefusal,
    OrderStatus,
    RequestStatus,
    ServiceStatus,
)
from florin_contracts.money import Money
from florin_contracts.permissions import ClientRole, Permission
from florin_contracts.providers.offers import BillingPeriod, PeriodLength, term_of


class ClientAnswer(Resource):
    """A client; `provider_ids` are those it is a client of."""

    name: str
    country: str
    state: ClientActivity
    provider_ids: tuple[UUID, ...]


class ClientUserAnswer(Resource):
    """A user's place in a client's account; `id` is the user's.

    `refused_because`: it gets a login once its `email` is changed, or has become free.
    """

    client_id: UUID
    name: str
    email: str | None
    role: ClientRole
    permissions: tuple[Permission, ...]
    status: ClientUserStatus
    refused_because: InvitationRefusal | None


Grants = Annotated[tuple[Permission, ...], Field(max_length=len(Permission))]


class NewClientUser(Body):
    """A person to invite; `permissions` are grants of its own, beside its role's."""

    name: Line
    email: Email
    role: ClientRole
    permissions: Grants = ()


class ClientUserChanges(Body):
    """What to change of a client's user; what is left out or null stays.

    `email`: until it has signed up, by whoever may do all that the user may.
    """

    name: Line | None = None
    role: ClientRole | None = None
    permissions: Grants | None = None
    email: Email | None = None


class NewOrder(Body):
    """An order to place, to be invoiced to a payer of the client's."""

    client_id: UUID
    product_id: UUID
    plan_id: UUID
    payer_id: UUID
    period: BillingPeriod | None = None
    length: PeriodLength | None = None

    def wish(self) -> dict[str, Any]:
        """What is ordered; no `term` means the plan's first price."""
        wish = self.model_dump(exclude={"period", "length"})
        return wish | {"term": term_of(self.period, self.length) if self.period else None}


class OrderAnswer(Resource):
    """An order, at the price it was placed at."""

    client_id: UUID
    provider_id: UUID
    payer_id: UUID
    product_id: UUID
    plan_id: UUID
    plan_name: str
    period: BillingPeriod
    length: PeriodLength | None
    price: Money
    setup_fee: Money | None
    status: OrderStatus
    service_id: UUID
    invoice_id: UUID | None


class ServiceAnswer(Resource):
    """What an order became; `paid_until` is null before it runs, and when it is paid for once."""

    order_id: UUID
    client_id: UUID
    provider_id: UUID
    payer_id: UUID
    plan_id: UUID
    plan_name: str
    period: BillingPeriod
    length: PeriodLength | None
    price: Money
    status: ServiceStatus
    activated_at: datetime | None
    paid_until: datetime | None


class NewRequest(Body):
    """A question to a provider's support."""

    client_id: UUID
    provider_id: UUID
    subject: Line
    text: Prose


class NewAnswer(Body):
    """Support's answer to a request."""

    text: Prose


class RequestSummary(Resource):
    """A support request without its messages."""

    client_id: UUID
    provider_id: UUID
    subject: str
    status: RequestStatus


class MessageAnswer(Resource):
    """One text of a request; `author_id` is the real person, also where it wrote for a client."""

    side: Side
    author_id: UUID | None
    on_behalf_of: str | None
    text: str
    written_at: datetime


class RequestAnswer(RequestSummary):
    """A support request with its messages, oldest first."""

    messages: tuple[MessageAnswer, ...]
