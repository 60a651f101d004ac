"""What clients states: who buys, what they ordered, what runs, and what they asked support."""

from enum import StrEnum
from uuid import UUID

from pydantic import AwareDatetime

from florin_contracts.event import Event
from florin_contracts.money import Money
from florin_contracts.party import Country
from florin_contracts.permissions import ClientRole, Permission
from florin_contracts.providers.offers import BillingPeriod, PeriodLength
from florin_contracts.values import Value
from florin_contracts.vocabulary import Open


class ClientActivity(StrEnum):
    """*active*: has at least one active service; *not active*: has none."""

    ACTIVE = "active"
    NOT_ACTIVE = "not_active"


class ClientState(Value):
    """A person or organization that buys. `provider_ids` are those it is a client of."""

    id: UUID
    """The client."""
    name: str
    """What the client is called: a person's or an organization's name."""
    country: Country
    """Where the client lives or is established."""
    state: Open[ClientActivity]
    """Whether any service of the client's runs."""
    provider_ids: tuple[UUID, ...]
    """The providers whose client it is, in the order of joining."""


class ClientRegistered(ClientState, Event, type="florin.clients.client.registered.v1"):
    """A client registered itself; a user of the same name exists already."""


class ClientJoinedProvider(ClientState, Event, type="florin.clients.client.joined-provider.v1"):
    """A client became a client of one more provider, `provider_id`."""

    provider_id: UUID
    """The provider that was joined; also the last of `provider_ids`."""


class ClientActivated(ClientState, Event, type="florin.clients.client.activated.v1"):
    """The client's first active service began."""


class ClientUserStatus(StrEnum):
    """*invited* (has not signed up yet) → *active* ⇄ *suspended*; *removed* is for good."""

    INVITED = "invited"
    ACTIVE = "active"
    SUSPENDED = "suspended"
    REMOVED = "removed"


class InvitationRefusal(StrEnum):
    """*address_in_use*: somebody else signs in with the address; give another one."""

    ADDRESS_IN_USE = "address_in_use"


class ClientUserState(Value):
    """A user's place in a client's account; `id` is the user's.

    Its rights are its role's and its own `permissions` together.
    """

    id: UUID
    """The user, under the id that its login has."""
    client_id: UUID
    """The client in whose account the user acts."""
    name: str
    """What the user is called."""
    role: Open[ClientRole]
    """Gives its permissions."""
    permissions: tuple[Open[Permission], ...]
    """Grants of its own, beside its role's."""
    status: Open[ClientUserStatus] = ClientUserStatus.ACTIVE
    """Whether it may act there."""
    email: str | None = None
    """The address that it was invited at; none for the user that registered the client."""
    refused_because: Open[InvitationRefusal] | None = None
    """Why an invited user has no login, until it is corrected."""


class ClientUserAdded(ClientUserState, Event, type="florin.clients.user.added.v1"):
    """A user was given a role in a client's account."""


class ClientUserInvited(ClientUserState, Event, type="florin.clients.user.invited.v1"):
    """A person was asked to act for the client; identity makes the login, under the same id."""


class ClientUserJoined(ClientUserState, Event, type="florin.clients.user.joined.v1"):
    """An invited user can sign in."""


class ClientUserChanged(ClientUserState, Event, type="florin.clients.user.changed.v1"):
    """A user has another role, other grants or another address in the client's account.

    Or it was found that its invitation came to nothing, as `refused_because` says.
    """


class ClientUserSuspended(ClientUserState, Event, type="florin.clients.user.suspended.v1"):
    """A user may do nothing in the client's account for the time being."""


class ClientUserResumed(ClientUserState, Event, type="florin.clients.user.resumed.v1"):
    """A suspended user acts again."""


class ClientUserRemoved(ClientUserState, Event, type="florin.clients.user.removed.v1"):
    """A user acts for the client no more, for good."""


class OrderStatus(StrEnum):
    """*placed* → *invoiced* → *fulfilled* (paid, and its service active)."""

    PLACED = "placed"
    INVOICED = "invoiced"
    FULFILLED = "fulfilled"


class OrderState(Value):
    """What a client ordered, at the price it had then. `payer_id` is who will be invoiced."""

    id: UUID
    """The order."""
    client_id: UUID
    """Who ordered."""
    provider_id: UUID
    """Whose product was ordered."""
    payer_id: UUID
    """Who will be invoiced."""
    product_id: UUID
    """The product, in the provider's catalogue."""
    plan_id: UUID
    """The plan of that product."""
    plan_name: str
    """The plan's name on the day of the order."""
    period: Open[BillingPeriod]
    price: Money
    """The price on the day of the order, in the provider's currency."""
    status: Open[OrderStatus]
    """How far the order got."""
    service_id: UUID
    """The service that the order became; made together with it."""
    invoice_id: UUID | None
    """The invoice for it; none until it is issued."""
    length: PeriodLength | None = None
    """How long a custom period is; none for any other."""
    setup_fee: Money | None = None
    """What is paid once beside the first period."""


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
    """The service."""
    order_id: UUID
    """The order that it came from."""
    client_id: UUID
    """Whose service it is."""
    provider_id: UUID
    """Who renders it."""
    payer_id: UUID
    """Who is invoiced for it."""
    plan_id: UUID
    """The plan that was ordered."""
    plan_name: str
    """The plan's name on the day of the order."""
    period: Open[BillingPeriod]
    price: Money
    """What one period costs, in the provider's currency."""
    status: Open[ServiceStatus]
    """Whether it runs."""
    activated_at: AwareDatetime | None
    """When it began to run; none before."""
    paid_until: AwareDatetime | None
    """The end of the paid period, exclusive; none before payment and for a one-off."""
    length: PeriodLength | None = None
    """How long a custom period is; none for any other."""


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
    """The request."""
    client_id: UUID
    """Who asks."""
    provider_id: UUID
    """Whose support is asked."""
    subject: str
    """What it is about, in the asker's words."""
    status: Open[RequestStatus]


class RequestOpened(RequestState, Event, type="florin.clients.request.opened.v1"):
    """A client asked support something."""


class RequestAnswered(RequestState, Event, type="florin.clients.request.answered.v1"):
    """An employee with the Support section answered."""
