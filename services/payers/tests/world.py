"""What other services state, and what people do, in the tests of the payers service."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import httpx

from florin_chassis.ids import new_id
from florin_chassis.testing.harness import Harness
from florin_contracts.clients import (
    ClientActivity,
    ClientJoinedProvider,
    ClientRegistered,
    OrderPlaced,
    OrderStatus,
    ServiceActivated,
    ServiceStatus,
)
from florin_contracts.money import Money
from florin_contracts.payers import InvoiceIssued
from florin_contracts.permissions import CLIENT_ROLES, ClientRole, Permission
from florin_contracts.providers import (
    CompanyCreated,
    LegalStatus,
    ProviderCreated,
    ServiceCondition,
)
from florin_contracts.providers.offers import BillingPeriod

ACTIVATED_AT = datetime(2026, 3, 4, 8, 30, tzinfo=UTC)
PAID_UNTIL = datetime(2026, 4, 4, 8, 30, tzinfo=UTC)
NOBODY = UUID("01900000-0000-7000-8000-000000000000")
"""The id of nothing that exists."""


@dataclass
class World:
    """One provider with its company, one client of it, one payer of the client; each by its id."""

    harness: Harness
    currency: str = "RUB"
    time_zone: str = "Europe/Moscow"
    provider_id: UUID = field(default_factory=new_id)
    company_id: UUID = field(default_factory=new_id)
    client_id: UUID = field(default_factory=new_id)
    payer_id: UUID = field(default_factory=new_id)

    @property
    def employee(self) -> dict[str, str]:
        """Headers of an employee of the provider who may do everything there."""
        return self.harness.signed_in(*Permission, reach={"provider": [self.provider_id]})

    @property
    def owner(self) -> dict[str, str]:
        """Headers of the client's own user."""
        return self.harness.signed_in(
            *CLIENT_ROLES[ClientRole.OWNER], reach={"client": [self.client_id]}
        )

    def provider(self, *conditions: ServiceCondition) -> ProviderCreated:
        return ProviderCreated(
            id=self.provider_id,
            name="N-1",
            slug="n-1",
            currency=self.currency,
            time_zone=self.time_zone,
            registration_open=True,
            conditions=conditions,
        )

    def company(self) -> CompanyCreated:
        return CompanyCreated(
            id=self.company_id,
            name="N-1 LLC",
            country="RU",
            legal_status=LegalStatus.LEGAL_ENTITY,
            tax_number="7707083893",
            provider_ids=(self.provider_id,),
        )

    def client(self) -> ClientRegistered:
        return ClientRegistered(**self._client(self.provider_id))

    def joined(self, provider_id: UUID) -> ClientJoinedProvider:
        return ClientJoinedProvider(
            **self._client(self.provider_id, provider_id), provider_id=provider_id
        )

    def _client(self, *provider_ids: UUID) -> dict[str, Any]:
        return {
            "id": self.client_id,
            "name": "Vega",
            "country": "RU",
            "state": ClientActivity.NOT_ACTIVE,
            "provider_ids": provider_ids,
        }

    def price(self, amount: str) -> Money:
        return Money.of(amount, self.currency)

    def order(self, price: Money | None = None, **changes: Any) -> OrderPlaced:
        order: dict[str, Any] = {
            "id": new_id(),
            "client_id": self.client_id,
            "provider_id": self.provider_id,
            "payer_id": self.payer_id,
            "product_id": new_id(),
            "plan_id": new_id(),
            "plan_name": "Start",
            "period": BillingPeriod.MONTH,
            "price": price or self.price("490.00"),
            "status": OrderStatus.PLACED,
            "service_id": new_id(),
            "invoice_id": None,
        }
        return OrderPlaced(**(order | changes))

    def activated(self, price: Money | None = None, **changes: Any) -> ServiceActivated:
        service: dict[str, Any] = {
            "id": new_id(),
            "order_id": new_id(),
            "client_id": self.client_id,
            "provider_id": self.provider_id,
            "payer_id": self.payer_id,
            "plan_id": new_id(),
            "plan_name": "Start",
            "period": BillingPeriod.MONTH,
            "price": price or self.price("490.00"),
            "status": ServiceStatus.ACTIVE,
            "activated_at": ACTIVATED_AT,
            "paid_until": PAID_UNTIL,
        }
        return ServiceActivated(**(service | changes))

    async def provider_appears(self) -> None:
        condition = ServiceCondition(company_id=self.company_id)
        await self.harness.deliver(self.provider(condition))
        await self.harness.deliver(self.company())

    async def client_registers(self) -> None:
        await self.harness.deliver(self.client())

    async def payer_is_created(self, **changes: Any) -> None:
        answer = await self.create_payer(**changes)
        assert answer.status_code == 201, answer.text
        self.payer_id = UUID(answer.json()["id"])

    async def create_payer(
        self, headers: dict[str, str] | None = None, /, **changes: Any
    ) -> httpx.Response:
        payer = {
            "client_id": str(self.client_id),
            "payer_type": "legal_entity",
            "name": "Vega LLC",
            "country": "RU",
            "email": "billing@vega.example",
            "tax_number": "7707083893",
        }
        return await self.harness.http.post(
            "/payers", json=payer | changes, headers=headers or self.owner
        )

    async def invoiced(self, price: Money | None = None, **changes: Any) -> dict[str, Any]:
        """The invoice of a new order, as it was stated."""
        order = self.order(price, **changes)
        await self.harness.deliver(order)
        issued = await self.harness.stated(InvoiceIssued)
        (invoice,) = (e["data"] for e in issued if e["data"]["order_id"] == str(order.id))
        return dict(invoice)

    async def pay(
        self, invoice_id: str, amount: str, currency: str | None = None, **headers: str
    ) -> httpx.Response:
        body = {
            "invoice_id": invoice_id,
            "amount": {"amount": amount, "currency": currency or self.currency},
            "method": "manual",
        }
        return await self.harness.http.post("/payments", json=body, headers=self.employee | headers)

    async def listed(
        self, path: str, headers: dict[str, str] | None = None, **query: Any
    ) -> list[dict[str, Any]]:
        """The first page of a list, as the employee sees it unless told otherwise."""
        answer = await self.harness.http.get(path, params=query, headers=headers or self.employee)
        assert answer.status_code == 200, answer.text
        return list(answer.json()["data"])

    async def balance(self) -> dict[str, str]:
        (account,) = await self.listed("/accounts", client_id=self.client_id)
        return dict(account["balance"])


async def another_world(harness: Harness, currency: str = "RUB") -> World:
    """Another provider with a client and a payer, in the same installation."""
    other = World(harness, currency=currency)
    await other.provider_appears()
    await other.client_registers()
    await other.payer_is_created()
    return other
