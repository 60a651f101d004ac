"""What other services state in these tests, and who asks."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, TypeVar
from uuid import UUID

from florin_chassis.ids import new_id
from florin_chassis.testing.harness import Harness
from florin_contracts.identity import ClientRegistration, UserKind, UserRegistered, UserStatus
from florin_contracts.money import Money
from florin_contracts.party import PayerType
from florin_contracts.payers import (
    InvoiceIssued,
    InvoiceLine,
    InvoicePaid,
    InvoiceState,
    InvoiceStatus,
    PayerCreated,
)
from florin_contracts.permissions import CLIENT_ROLES, ClientRole
from florin_contracts.providers import (
    CompanyCreated,
    LegalStatus,
    ProviderCreated,
    ServiceCondition,
)
from florin_contracts.providers.catalogue import PlanState, ProductCreated
from florin_contracts.providers.offers import BillingPeriod

I = TypeVar("I", bound=InvoiceState)  # noqa: E741
Json = dict[str, Any]


def a_provider(currency: str = "RUB", time_zone: str = "Europe/Moscow") -> ProviderCreated:
    """A provider that sells to Russia only."""
    return ProviderCreated(
        id=new_id(),
        name="N-1",
        slug="n-1",
        currency=currency,
        time_zone=time_zone,
        registration_open=True,
        conditions=(ServiceCondition(company_id=new_id(), country="RU"),),
    )


def a_product(
    provider: ProviderCreated, period: BillingPeriod = BillingPeriod.MONTH
) -> ProductCreated:
    """A product with one plan."""
    price = Money.of("490.00", provider.currency)
    plan = PlanState(id=new_id(), name="Start", period=period, price=price)
    return ProductCreated(id=new_id(), provider_id=provider.id, name="Hosting", plans=(plan,))


def a_registration(provider: ProviderCreated, name: str = "Żuk") -> UserRegistered:
    """A user who registers a client of the same name."""
    client = ClientRegistration(
        client_id=new_id(), provider_id=provider.id, name=name, country="RU"
    )
    return UserRegistered(
        id=new_id(),
        name=name,
        email="vega@example.com",
        kind=UserKind.CLIENT,
        status=UserStatus.ACTIVE,
        administrator=False,
        client_id=client.client_id,
        registration=client,
    )


def a_payer(client_id: UUID, country: str = "RU") -> PayerCreated:
    """A payer of the client's."""
    return PayerCreated(
        id=new_id(),
        client_id=client_id,
        payer_type=PayerType.INDIVIDUAL,
        name="Łucja",
        country=country,
        email="anna@example.com",
        tax_number=None,
    )


def a_company(provider: ProviderCreated, company_id: UUID) -> CompanyCreated:
    """A company that serves the provider."""
    return CompanyCreated(
        id=company_id,
        name="N-1 LLC",
        country="RU",
        legal_status=LegalStatus.LEGAL_ENTITY,
        tax_number=None,
        provider_ids=(provider.id,),
    )


@dataclass
class World:
    """A service under test, and what surrounds it."""

    clients: Harness
    provider: ProviderCreated = field(default_factory=a_provider)
    product: ProductCreated = field(init=False)
    registered: UserRegistered = field(init=False)
    payer: PayerCreated = field(init=False)

    def __post_init__(self) -> None:
        self.product = a_product(self.provider)
        self.registered = a_registration(self.provider)
        self.payer = a_payer(self.client_id)

    @property
    def client_id(self) -> UUID:
        assert self.registered.client_id is not None
        return self.registered.client_id

    @property
    def owner(self) -> dict[str, str]:
        """Headers of the client's owner."""
        return self.owner_of(self.client_id)

    def owner_of(self, client_id: UUID) -> dict[str, str]:
        permissions = CLIENT_ROLES[ClientRole.OWNER]
        return self.clients.signed_in(*permissions, reach={"client": [client_id]})

    def employee_of(self, provider_id: UUID, *permissions: str) -> dict[str, str]:
        """Headers of an employee who works for one provider."""
        return self.clients.signed_in(*permissions, reach={"provider": [provider_id]})

    def wish(self, **changes: UUID) -> Json:
        """The body of an order for the world's plan."""
        wish = {
            "client_id": self.client_id,
            "product_id": self.product.id,
            "plan_id": self.product.plans[0].id,
            "payer_id": self.payer.id,
        }
        return {name: str(id_) for name, id_ in (wish | changes).items()}

    async def order(self, **changes: UUID) -> Json:
        """A placed order."""
        answer = await self.clients.http.post(
            "/orders", json=self.wish(**changes), headers=self.owner
        )
        assert answer.status_code == 201, answer.text
        return dict(answer.json())

    async def read(self, path: str) -> Json:
        """What the owner is answered."""
        answer = await self.clients.http.get(path, headers=self.owner)
        assert answer.status_code == 200, answer.text
        return dict(answer.json())


def issued(order: Json) -> InvoiceIssued:
    """The order's invoice, issued."""
    return _invoice(InvoiceIssued, order, new_id(), InvoiceStatus.ISSUED)


def paid(invoice: InvoiceIssued, order: Json) -> InvoicePaid:
    """The same invoice, paid."""
    return _invoice(InvoicePaid, order, invoice.id, InvoiceStatus.PAID)


def _invoice(kind: type[I], order: Json, invoice_id: UUID, status: InvoiceStatus) -> I:
    price = Money.model_validate(order["price"])
    return kind(
        id=invoice_id,
        number="INV-2026-000001",
        client_id=order["client_id"],
        provider_id=order["provider_id"],
        company_id=new_id(),
        company_name="Pierwszy hosting",
        payer_id=order["payer_id"],
        payer_name="Łucja",
        order_id=order["id"],
        lines=(InvoiceLine(description=order["plan_name"], amount=price),),
        total=price,
        status=status,
        issued_at=datetime.now(UTC),
    )
