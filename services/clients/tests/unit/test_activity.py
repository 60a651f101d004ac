"""A client is active exactly when it has an active service, whatever happens in what order."""

from collections import Counter
from collections.abc import Iterable
from datetime import UTC, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, invariant, rule
from services.clients.tests.world import a_product, a_provider, a_registration

from florin_chassis.ids import new_id
from florin_chassis.orm import Fact
from florin_clients.models import Client, Fulfilment, Order, Service
from florin_clients.models.offer import Terms
from florin_clients.models.periods import end_of_period
from florin_contracts.clients import (
    ClientActivated,
    ClientActivity,
    OrderStatus,
    ServiceActivated,
    ServiceStatus,
)
from florin_contracts.providers import ProviderCreated
from florin_contracts.providers.offers import BillingPeriod, PriceState

ZONE = ZoneInfo("Europe/Berlin")
PROVIDERS = [a_provider(), a_provider("EUR")]


class Sales(RuleBasedStateMachine):
    """Registers, orders, invoices and pays; says after each step what must hold."""

    clients = Bundle("clients")
    sold = Bundle("sold")

    def __init__(self) -> None:
        super().__init__()
        self.registered: list[Client] = []
        self.ordered: list[Fulfilment] = []
        self.paid: set[UUID] = set()
        self.stated: Counter[UUID] = Counter()
        self.activations: Counter[UUID] = Counter()

    def state(self, facts: Iterable[Fact]) -> None:
        for fact in facts:
            self.stated[fact.aggregate.id] += 1
            assert fact.sequence == self.stated[fact.aggregate.id]
            if isinstance(fact.event, ClientActivated | ServiceActivated):
                self.activations[fact.aggregate.id] += 1

    @rule(target=clients, provider=st.sampled_from(PROVIDERS))
    def register(self, provider: ProviderCreated) -> Client:
        registration = a_registration(provider).registration
        assert registration is not None
        client = Client.of(registration)
        self.state([client.register()])
        self.registered.append(client)
        return client

    @rule(
        target=sold,
        client=clients,
        provider=st.sampled_from(PROVIDERS),
        period=st.sampled_from(BillingPeriod),
    )
    def order(self, client: Client, provider: ProviderCreated, period: BillingPeriod) -> Fulfilment:
        product = a_product(provider, period)
        (plan,) = product.plans
        since = datetime(2026, 1, 1, tzinfo=UTC)
        price = PriceState(id=new_id(), period=period, price=plan.price, valid_from=since)
        terms = Terms(product.provider_id, product.id, new_id(), plan, price)
        order = Order.on(terms, client.id)
        service = Service.of(order)
        self.state([*client.join(terms.provider_id), order.place(), service.order()])
        sale = Fulfilment(order, service, client)
        self.ordered.append(sale)
        return sale

    @rule(sale=sold)
    def invoice(self, sale: Fulfilment) -> None:
        self.state(sale.order.invoice(new_id()))

    @rule(
        sale=sold,
        at=st.datetimes(datetime(2026, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001
    )
    def pay(self, sale: Fulfilment, at: datetime) -> None:
        first, was_paid_until = sale.order.id not in self.paid, sale.service.paid_until
        self.state(sale.pay(new_id(), at, ZONE))
        self.paid.add(sale.order.id)
        expected = end_of_period(at, sale.service.period, ZONE) if first else was_paid_until
        assert sale.service.paid_until == expected

    @invariant()
    def a_client_is_active_exactly_when_it_has_an_active_service(self) -> None:
        active = {
            sale.service.client_id
            for sale in self.ordered
            if sale.service.status is ServiceStatus.ACTIVE
        }
        assert active == {c.id for c in self.registered if c.state is ClientActivity.ACTIVE}

    @invariant()
    def a_service_runs_exactly_when_its_order_was_paid(self) -> None:
        for sale in self.ordered:
            is_paid = sale.order.id in self.paid
            assert is_paid == (sale.service.status is ServiceStatus.ACTIVE)
            assert is_paid == (sale.order.status is OrderStatus.FULFILLED)
            assert is_paid == (sale.service.activated_at is not None)

    @invariant()
    def nothing_is_activated_twice(self) -> None:
        assert all(times == 1 for times in self.activations.values())

    @invariant()
    def a_client_is_one_of_every_provider_it_ordered_at(self) -> None:
        for sale in self.ordered:
            assert sale.client.provider_ids.count(sale.order.provider_id) == 1

    @invariant()
    def every_version_is_stated(self) -> None:
        rows = [*self.registered, *(row for s in self.ordered for row in (s.order, s.service))]
        assert {row.id: row.version for row in rows} == dict(self.stated)


TestSales = Sales.TestCase
TestSales.settings = settings(max_examples=60, stateful_step_count=25, deadline=None)
