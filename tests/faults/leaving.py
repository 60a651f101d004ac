"""The load of what ends: people sign out, are suspended, lose rights and leave, all the time.

And two who stay, whose tokens are shown about for as long as they are good.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from tests.faults.asking import Answer, Asking, GivenUp, Json, Write
from tests.faults.doorkeeping import Doorkeeping
from tests.faults.logins import Login
from tests.faults.shop import Shop
from tests.faults.trust import Revocation, Token

_PASSWORD = "long enough for a policy"
_PAUSE_S = (2.0, 6.0)
_LOOK_EVERY_S, _ASK_AGAIN_S = 2.0, 1.0
_STAYING = 2
_PATIENCE_S = 45.0
_MORE, _LESS = ["clients:read", "providers:read"], ["clients:read"]


@dataclass(frozen=True)
class Employee:
    """Who works here, by the id of its login, which providers and identity share."""

    login: Login
    id: str


class Leaving:
    """Each kind of end by somebody of its own, until stopped."""

    def __init__(self, asking: Asking, shop: Shop, doors: Doorkeeping) -> None:
        self._asking, self._shop, self._doors = asking, shop, doors
        self._administrator = Login(asking, shop.email, shop.password)
        self._stopping = asyncio.Event()

    async def run(self) -> None:
        """Run until `stop`."""
        kinds = (self._sign_out, self._suspend, self._take_right, self._end_employee)
        loops = [self._again_and_again(kind) for kind in kinds]
        await asyncio.gather(*loops, *(self._stay() for _ in range(_STAYING)))

    def stop(self) -> None:
        """Let everybody finish the step that is under way."""
        self._stopping.set()

    async def _again_and_again(self, kind: Callable[[], Awaitable[None]]) -> None:
        """Whoever is given up on is replaced by a new one."""
        while not self._stopping.is_set():
            try:
                await kind()
            except GivenUp:
                continue

    async def _sign_out(self) -> None:
        user, _ = await self._newcomer()
        while await self._goes_on():
            token, text = await user.again()
            await self._doors.show(token, text)
            asked = self._asking.now()
            await self._asking.sign_out(text)
            self._revoked("sign out", token, text, asked)

    async def _suspend(self) -> None:
        user, user_id = await self._newcomer()
        while await self._goes_on():
            token, text = await user.again()
            await self._doors.show(token, text)
            asked = self._asking.now()
            await self._order("suspend", f"/users/{user_id}/suspend")
            self._revoked("suspend", token, text, asked)
            await self._order("resume", f"/users/{user_id}/resume")

    async def _take_right(self) -> None:
        body = {"name": f"Readers {self._asking.new_id()}", "sections": [], "permissions": _MORE}
        made = await self._order("set up department", "/departments", body)
        department = f"/departments/{made.body['id']}"
        employee = await self._hire([made.body["id"]])
        while await self._goes_on():
            await self._change(department, _MORE)
            token, text = await self._holding(employee.login, len(_MORE))
            await self._doors.show(token, text)
            asked = self._asking.now()
            await self._change(department, _LESS)
            self._revoked("take right", token, text, asked)

    async def _end_employee(self) -> None:
        if await self._goes_on():
            employee = await self._hire([])
            token, text = await employee.login.again()
            await self._doors.show(token, text)
            asked = self._asking.now()
            await self._order("end employee", f"/employees/{employee.id}/end")
            self._revoked("end employee", token, text, asked)

    async def _stay(self) -> None:
        """Shows a token for as long as it is good; one that is refused is given up for the next."""
        user, _ = await self._newcomer()
        while not self._stopping.is_set():
            text = await user.token()
            assert user.held is not None
            if not await self._doors.show(user.held, text):
                user.refused(text)
            await asyncio.sleep(_LOOK_EVERY_S)

    async def _newcomer(self) -> tuple[Login, str]:
        """A client of its own, and the id of its user."""
        email = f"{self._asking.new_id()}@example.com"
        body = {
            "name": "Leaver",
            "email": email,
            "password": _PASSWORD,
            "provider_id": self._shop.products[0]["provider_id"],
            "country": "RU",
        }
        answer = await self._asking.write(Write("register", "/registrations", body))
        return Login(self._asking, email, _PASSWORD), answer.body["user"]["id"]

    async def _hire(self, department_ids: list[str]) -> Employee:
        email = f"{self._asking.new_id()}@example.com"
        body = {"name": "Rhea", "email": email, "department_ids": department_ids}
        invited = await self._order("invite employee", "/employees", body)
        link = await self._until_known(f"/users/{invited.body['id']}/invitation")
        accepted = {"token": link["invitation_token"], "password": _PASSWORD}
        await self._asking.write(Write("accept invitation", "/invitations/accept", accepted))
        return Employee(Login(self._asking, email, _PASSWORD), invited.body["id"])

    async def _until_known(self, path: str) -> Json:
        """Identity hears of an employee a moment after providers answered."""
        deadline = self._asking.now() + _PATIENCE_S
        while True:
            try:
                answer = await self._order("renew invitation", path)
            except GivenUp:
                if self._asking.now() > deadline or self._stopping.is_set():
                    raise
                await asyncio.sleep(_ASK_AGAIN_S)
            else:
                body: Json = answer.body
                return body

    async def _holding(self, login: Login, rights: int) -> tuple[Token, str]:
        """A token with as many rights: raises `GivenUp` if they do not come."""
        deadline = self._asking.now() + _PATIENCE_S
        while self._asking.now() < deadline and not self._stopping.is_set():
            token, text = await login.again()
            if await self._asking.rights(text) == rights:
                return token, text
            await self._asking.pause()
        raise GivenUp("rights")

    async def _change(self, department: str, permissions: list[str]) -> None:
        body = {"permissions": permissions}
        write = Write("change rights", department, body, self._administrator, method="PATCH")
        await self._asking.write(write)

    async def _order(self, kind: str, path: str, body: Json | None = None) -> Answer:
        """In the administrator's name."""
        return await self._asking.write(Write(kind, path, body or {}, self._administrator))

    def _revoked(self, kind: str, token: Token, text: str, asked: float) -> None:
        now, fault = self._asking.now(), self._asking.fault
        self._doors.watch(Revocation(token, kind, asked, now, fault), text)

    async def _goes_on(self) -> bool:
        """After a while, unless the load has ended."""
        seconds = self._asking.rng.uniform(*_PAUSE_S)
        try:
            async with asyncio.timeout(seconds):
                await self._stopping.wait()
        except TimeoutError:
            return True
        return False
