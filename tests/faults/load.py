"""The load: clients that register, name payers, order, are invoiced, pay and ask, all the time.

And staff that is set up, which waits for no event: when Kafka is away and every client waits for
what would come through it, acknowledged writes go on piling up in an outbox.
"""

import asyncio
import time
from dataclasses import dataclass, field
from typing import Any

from tests.faults.asking import Answer, Asking, GivenUp, Json, Read, Write
from tests.faults.logins import Login
from tests.faults.shop import Shop

_PURCHASES = (2, 6)
_AT_ONCE_SHARE, _IMPATIENT_SHARE, _WRONG_SHARE, _SUPPORT_SHARE = 0.06, 0.05, 0.1, 0.3
_THINK_S = (0.05, 0.4)
_INVOICE_PATIENCE_S = 45
_POSITIONS_MAX = 16
_PASSWORD = "long enough for a policy"


@dataclass
class Buyer:
    """A client, with the position of all it has written so far."""

    login: Login
    client_id: str
    product: Json
    payer_id: str = ""
    seen: dict[str, str] = field(default_factory=dict)

    def remember(self, answer: Answer) -> Answer:
        """Follow this write from now on."""
        for part in filter(None, answer.position.split(",")):
            topic, _, event_id = part.strip().rpartition("/")
            self.seen.pop(topic, None)
            self.seen[topic] = event_id
        while len(self.seen) > _POSITIONS_MAX:
            self.seen.pop(next(iter(self.seen)))
        return answer

    @property
    def position(self) -> str:
        """What every further request follows."""
        return ",".join(f"{topic}/{event_id}" for topic, event_id in self.seen.items())


class Load:
    """So many clients at a time, until stopped. Whoever is given up on is replaced by a new one."""

    def __init__(self, asking: Asking, shop: Shop, clients: int) -> None:
        self._asking, self._shop, self._clients = asking, shop, clients
        self._administrator = Login(asking, shop.email, shop.password)
        self._stopping = asyncio.Event()

    async def run(self) -> None:
        """Run until `stop`."""
        await asyncio.gather(self._set_up_staff(), *(self._buy() for _ in range(self._clients)))

    def stop(self) -> None:
        """Let everybody finish the step that is under way."""
        self._stopping.set()

    async def _buy(self) -> None:
        while not self._stopping.is_set():
            try:
                await self._one_client()
            except (GivenUp, _Stopped):
                continue

    async def _set_up_staff(self) -> None:
        while not self._stopping.is_set():
            body = {"name": f"Department {self._asking.new_id()}", "sections": ["support"]}
            try:
                write = Write("set up department", "/departments", body, self._administrator)
                await self._write(write)
            except (GivenUp, _Stopped):
                continue

    async def _one_client(self) -> None:
        buyer = await self._register()
        await self._make_payer(buyer)
        for _ in range(self._asking.rng.randint(*_PURCHASES)):
            await self._purchase(buyer)
            if self._by_chance(_SUPPORT_SHARE):
                await self._ask_support(buyer)

    async def _register(self) -> Buyer:
        email = f"{self._asking.new_id()}@example.com"
        product = self._asking.rng.choice(self._shop.products)
        body = {
            "name": "Load",
            "email": email,
            "password": _PASSWORD,
            "provider_id": product["provider_id"],
            "country": self._asking.rng.choice(("RU", "DE", "NL")),
        }
        answer = await self._write(Write("register", "/registrations", body))
        client_id = answer.body["client_id"]
        buyer = Buyer(Login(self._asking, email, _PASSWORD), client_id, product)
        buyer.remember(answer)
        await self._look(buyer, f"/clients/{client_id}", lambda body: body["id"] == client_id)
        return buyer

    async def _make_payer(self, buyer: Buyer) -> None:
        body = {
            "client_id": buyer.client_id,
            "payer_type": "individual",
            "name": f"Payer {self._asking.new_id()}",
            "country": "RU",
            "email": buyer.login.email,
            "tax_number": None,
        }
        # A client's account comes through Kafka; until then payers answer that there is no client.
        path = f"/accounts?client_id={buyer.client_id}"
        await self._until_there(path, lambda body: bool(body["data"]))
        answer = await self._written(buyer, "make payer", "/payers", body)
        buyer.payer_id = answer.body["id"]
        await self._look(buyer, f"/payers/{buyer.payer_id}", lambda body: bool(body["id"]))

    async def _purchase(self, buyer: Buyer) -> None:
        order = await self._order(buyer)
        path = f"/invoices?client_id={buyer.client_id}&order_id={order['id']}"
        await self._look(buyer, path, lambda body: len(body["data"]) == 1)
        found = await self._until_there(path, lambda body: bool(body["data"]))
        invoice = found["data"][0]
        if self._by_chance(_WRONG_SHARE):
            await self._pay_wrongly(invoice)
        await self._pay(buyer, invoice)
        await self._asking.read(Read("/orders", buyer.login, client=buyer.client_id))

    async def _order(self, buyer: Buyer) -> Json:
        body = {
            "client_id": buyer.client_id,
            "product_id": buyer.product["id"],
            "plan_id": buyer.product["plans"][0]["id"],
            "payer_id": buyer.payer_id,
        }
        answer = await self._written(buyer, "order", "/orders", body)
        order: Json = answer.body
        await self._look(buyer, f"/orders/{order['id']}", lambda body: body["id"] == order["id"])
        return order

    async def _pay(self, buyer: Buyer, invoice: Json) -> None:
        body = {"invoice_id": invoice["id"], "amount": invoice["total"], "method": "manual"}
        write = Write("pay", "/payments", body, self._administrator)
        buyer.remember(await self._write(write))
        path = f"/invoices/{invoice['id']}"
        await self._look(buyer, path, lambda body: body["status"] == "paid")

    async def _pay_wrongly(self, invoice: Json) -> None:
        """More than is open: refused, and nothing is left of it."""
        amount = invoice["total"] | {"amount": "999999.00"}
        body = {"invoice_id": invoice["id"], "amount": amount, "method": "manual"}
        write = Write("pay", "/payments", body, self._administrator)
        try:
            await self._asking.write(write)
        except GivenUp:
            return

    async def _ask_support(self, buyer: Buyer) -> None:
        body = {
            "client_id": buyer.client_id,
            "provider_id": buyer.product["provider_id"],
            "subject": f"Question {self._asking.new_id()}",
            "text": "Does it still work?",
        }
        await self._written(buyer, "ask support", "/requests", body)

    async def _written(self, buyer: Buyer, kind: str, path: str, body: Json) -> Answer:
        """A write in the client's own name."""
        write = Write(kind, path, body, buyer.login, buyer.client_id, buyer.position)
        return buyer.remember(await self._write(write))

    async def _write(self, write: Write) -> Answer:
        """Now and then twenty times at once, now and then without patience."""
        await self._think()
        if self._by_chance(_AT_ONCE_SHARE):
            return await self._asking.write_at_once(write)
        if self._by_chance(_IMPATIENT_SHARE):
            return await self._asking.write_once(write)
        return await self._asking.write(write)

    async def _look(self, buyer: Buyer, path: str, knows: Any) -> None:
        """Read what was written: it is known, or the answer says that it may be stale."""
        read = Read(path, self._administrator, after=buyer.position, knows=knows)
        await self._asking.read(read)

    async def _until_there(self, path: str, there: Any) -> Any:
        """Read until something has come through Kafka; raises `GivenUp` when it does not."""
        deadline = time.monotonic() + _INVOICE_PATIENCE_S
        while time.monotonic() < deadline:
            body = await self._asking.read(Read(path, self._administrator))
            if body is not None and there(body):
                return body
            await self._think()
        raise GivenUp(path)

    async def _think(self) -> None:
        if self._stopping.is_set():
            raise _Stopped
        await asyncio.sleep(self._asking.rng.uniform(*_THINK_S))

    def _by_chance(self, share: float) -> bool:
        return self._asking.rng.random() < share


class _Stopped(Exception):
    """The load ends; what has not begun is left alone."""
