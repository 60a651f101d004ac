"""Somebody who is signed in and stays so: by its refresh token, and by its password if need be."""

import asyncio
from dataclasses import dataclass, field
from typing import Any

from tests.faults.about_trust import REFRESH
from tests.faults.asking import Asking, Json
from tests.faults.trust import Sighting, Token

from florin_chassis.tokens import LEEWAY_S

_MARGIN_S = 20.0
"""More than a request may take: no token ends under way."""

_REPEATED_S_MAX = 15.0
"""A refresh whose answer was lost may be repeated for twenty seconds; after that it is a theft."""


@dataclass
class Login:
    """Whose tokens are good whenever they are asked for. `held` is the present one, by its name."""

    asking: Asking
    email: str
    password: str
    held: Token | None = None
    _session: Json = field(default_factory=dict)
    _count: int = 0
    _is_refused: bool = False
    _lock: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def token(self, position: str = "") -> str:
        """A token that is good for a while yet."""
        async with self._lock:
            if self.held is None:
                await self._sign_in(position)
            elif self._is_refused or self.asking.now() > self.held.good_until - _MARGIN_S:
                await self._refresh(self.held, position)
            return str(self._session["access_token"])

    async def again(self, position: str = "") -> tuple[Token, str]:
        """Another session, whatever there was before: its token, by name and as it is shown."""
        async with self._lock:
            await self._sign_in(position)
            assert self.held is not None
            return self.held, str(self._session["access_token"])

    def refused(self, token: str) -> None:
        """This token was refused: the next one who asks gets another."""
        if token == self._session.get("access_token"):
            self._is_refused = True

    async def _sign_in(self, position: str) -> None:
        started = self.asking.now()
        body = {"email": self.email, "password": self.password}
        while not (session := await self.asking.credentials("/sessions", body, position)).body:
            started = await self.asking.pause()
        self._take(session.body, started)

    async def _refresh(self, held: Token, position: str) -> None:
        """Or sign in, where it is refused, or nobody knows what became of it."""
        began, unsure = self.asking.now(), False
        body = {"refresh_token": self._session["refresh_token"]}
        while (started := self.asking.now()) - began < _REPEATED_S_MAX:
            answer = await self.asking.credentials("/sessions/refresh", body, position)
            if answer.body or answer.is_refused:
                believed = None if unsure and answer.is_refused else bool(answer.body)
                self._note(held, started, believed)
                break
            unsure = True
            await self.asking.pause()
        if answer.body:
            self._take(answer.body, started)
        else:
            await self._sign_in(position)

    def _note(self, held: Token, started: float, believed: bool | None) -> None:
        asking = self.asking
        asking.history.sightings.append(
            Sighting(held, REFRESH, started, asking.now(), believed, asking.fault)
        )

    def _take(self, session: dict[str, Any], started: float) -> None:
        self._session, self._is_refused = session, False
        self._count += 1
        now, life_s = self.asking.now(), session["expires_in"]
        self.held = Token(
            name=f"{self.email} {self._count}",
            session=session["session_id"],
            issued=now,
            good_until=started + life_s - 1,
            expires=now + life_s + LEEWAY_S,
        )
