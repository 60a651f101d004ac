"""Shows tokens at every door of the system, and writes down where they were believed."""

import asyncio
from collections.abc import Callable, Mapping

import httpx
from tests.faults.asking import Asking
from tests.faults.trust import Revocation, Sighting, Token

_PATIENCE_S = 5.0
_REFUSED, _THROTTLED, _FAULT = 401, 429, 500
_LOOKS_S = (1.05, 2.0, 4.0, 9.0, 16.0, 28.0)
"""How long after a revocation to look: soon, and later, when a process may have been restarted."""

_AFTER_ITS_END_S = 0.5

Doors = Callable[[], Mapping[str, str]]


class Doorkeeping:
    """`doors` says where to ask just now: processes come and go."""

    def __init__(self, asking: Asking, doors: Doors) -> None:
        self._asking, self._doors = asking, doors
        self._http = httpx.AsyncClient(timeout=_PATIENCE_S, trust_env=False)
        self._watches: set[asyncio.Task[None]] = set()

    async def show(self, token: Token, text: str) -> bool:
        """At all doors at once; whether none refused it."""
        doors = self._doors()
        seen = await asyncio.gather(*(self._ask(token, text, name, doors[name]) for name in doors))
        return False not in seen

    def watch(self, revocation: Revocation, text: str) -> None:
        """Look again and again, beside whatever else goes on."""
        self._asking.history.revocations.append(revocation)
        task = asyncio.create_task(self._watch(revocation, text))
        self._watches.add(task)
        task.add_done_callback(self._watches.discard)

    async def close(self) -> None:
        """Whoever is watched is looked at a last time, when it is due."""
        for watch in self._watches:
            watch.cancel()
        await asyncio.gather(*self._watches, return_exceptions=True)
        await self._http.aclose()

    async def _watch(self, revocation: Revocation, text: str) -> None:
        token = revocation.token
        moments = [revocation.acknowledged + after_s for after_s in _LOOKS_S]
        for moment in [m for m in moments if m < token.expires] + [
            token.expires + _AFTER_ITS_END_S
        ]:
            await asyncio.sleep(max(moment - self._asking.now(), 0))
            await self.show(token, text)

    async def _ask(self, token: Token, text: str, door: str, url: str) -> bool | None:
        started, fault = self._asking.now(), self._asking.fault
        try:
            answer = await self._http.get(url, headers={"Authorization": f"Bearer {text}"})
        except httpx.TransportError:
            believed = None
        else:
            believed = _is_believed(answer.status_code)
        seen = Sighting(token, door, started, self._asking.now(), believed, fault)
        self._asking.history.sightings.append(seen)
        return believed


def _is_believed(status: int) -> bool | None:
    """Whoever is told that it may not, or that there is no such thing, is believed to be itself."""
    if status == _THROTTLED or status >= _FAULT:
        return None
    return status != _REFUSED
