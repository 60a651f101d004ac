"""What clients states: who buys, what they ordered, what runs, and what they asked support."""

from enum import StrEnum
from uuid import UUID

from pydantic import AwareDatetime

from florin_contracts.event import Event
from florin_contracts.money import Money
from florin_contracts.party import Country
from florin_contracts.permissions import ClientRole, Permission
from florin_contracts.providers import BillingPeriod
from florin_contracts.values import Value
from florin_contracts.vocabulary import Open


class ClientActivity(StrEnum):
    """*active*: has at least one active service; *not active*: has none."""

    ACTIVE = "active"
    NOT_ACTIVE = "not_active"


class ClientState(Value):
    """A person or organization that buys. `provider_ids` are those it is a client of."""

    id: UUID
    name: str
    country: Country
    state: Open[ClientActivity]
    provider_ids: tuple[UUID, ...]


class ClientRegistered(ClientState, Event, type="florin.clients.client.registered.v1"):
    """A client registered itself; a user of the same name exists already."""


class ClientJoinedProvider(ClientState, Event, type="florin.clients.client.joined-provider.v1"):
    """A client became a client of one more provider, `provider_id`."""

    provider_id: UUID


class ClientActivated(ClientState, Event, type="florin.clients.client.activated.v1"):
    """The client's first active service began."""


class ClientUserState(Value):
    """A user's place in a client's account; `id` is the user's.

    Its rights are its role's and its own `permissions` together.
    """

    id: UUID
    client_id: UUID
    name: str
    role: Open[ClientRole]
    permissions: tuple[Open[Permission], ...]


class ClientUserAdded(ClientUserState, Event, type="florin.clients.user.added.v1"):
    """A user was given a role in a client's account."""


class OrderStatus(StrEnum):
    """*placed* → *invoiced* → *fulfilled* (paid, and its service active)."""

    PLACED = "placed"
    INVOICED = "invoiced"
    FULFILLED = "fulfilled"


class OrderState(Value):
    """What a client ordered, at the price it had then. `payer_id` is who will be invoiced."""

    id: UUID
    client_id: UUID
    provider_id: UUID
    payer_id: UUID
    product_id: UUID
    plan_id: UUID
    plan_name: str
    period: Open[BillingPeriod]
    price: Money
    status: Open[OrderStatus]
    service_id: UUID
    invoice_id: UUID | None


class OrderPlaced(OrderState, Event, type="florin.clients.order.placed.v1"):
    """A client ordered a plan."""


class OrderInvoiced(OrderState, Event, type="florin.clients.order.invoiced.v1"):
    """The order's invoice was issued."""


class OrderFulfilled(OrderState, Event, type="florin.clients.order.fulfilled.v1"):
    """The order was paid for and its service is active."""


class ServiceStatus(StrEnum):
    """*ordered* → *active* → *suspended* → *terminated*."""

    ORDERED = "ordered"
    ACTIVE = "active"
    SUSPENDED = "suspended"
    TERMINATED = "terminated"


class ServiceState(Value):
    """The running thing that an order became; paid for until `paid_until` (none when one-off)."""

    id: UUID
    order_id: UUID
    client_id: UUID
    provider_id: UUID
    payer_id: UUID
    plan_id: UUID
    plan_name: str
    period: Open[BillingPeriod]
    price: Money
    status: Open[ServiceStatus]
    activated_at: AwareDatetime | None
    paid_until: AwareDatetime | None


class ServiceOrdered(ServiceState, Event, type="florin.clients.service.ordered.v1"):
    """A service was ordered and waits for its payment."""


class ServiceActivated(ServiceState, Event, type="florin.clients.service.activated.v1"):
    """A paid service began to run."""


class RequestStatus(StrEnum):
    """Whose turn it is in a support request."""

    OPEN = "open"
    ANSWERED = "answered"


class RequestState(Value):
    """A client's question to support. The text of messages stays in the clients service."""

    id: UUID
    client_id: UUID
    provider_id: UUID
    subject: str
    status: Open[RequestStatus]


class RequestOpened(RequestState, Event, type="florin.clients.request.opened.v1"):
    """A client asked support something."""


class RequestAnswered(RequestState, Event, type="florin.clients.request.answered.v1"):
    """An employee with the Support section answered."""
