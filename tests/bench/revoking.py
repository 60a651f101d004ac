"""Takes sessions and rights away, and watches until every service and the gateway refuse."""

import asyncio
import time
from collections.abc import Callable, Coroutine, Mapping
from typing import Any

import httpx
from tests.bench.latency import p99_ms

_WARM_UP = 5
_POLL_S = 0.005
_PATIENCE_S = 30
_REFUSED = 401
_RIGHTS = (["clients:read", "providers:read"], ["clients:read"])

Login = Mapping[str, str]
"""`email` and `password`."""


async def sign_out_and_watch(urls: Mapping[str, str], login: Login, samples: int) -> float:
    """The p99 from a sign-out's answer to the last service's refusal, in seconds.

    `urls` are where each part answers a question that any user may ask; `sessions` is where
    identity has its sessions.
    """
    async with _client() as http:

        async def once() -> float:
            token = await _sign_in(http, urls["sessions"], login)
            return await _until_refused(http, _asked(urls), token, lambda: _sign_out(token))

        async def _sign_out(token: str) -> None:
            url = f"{urls['sessions']}/current"
            (await http.delete(url, headers=_bearer(token))).raise_for_status()

        return await _p99_s(once, samples)


async def take_right_and_watch(
    urls: Mapping[str, str], department: str, administrator: Login, login: Login, samples: int
) -> float:
    """The p99 from the answer that a department lost a right, asked of its URL, in seconds."""
    async with _client() as http:

        async def change(rights: list[str]) -> None:
            token = await _sign_in(http, urls["sessions"], administrator)
            body = {"permissions": rights}
            (await http.patch(department, json=body, headers=_bearer(token))).raise_for_status()

        async def once() -> float:
            more, less = _RIGHTS
            await change(more)
            token = await _holding(http, urls, login, len(more))
            return await _until_refused(http, _asked(urls), token, lambda: change(less))

        return await _p99_s(once, samples)


async def _holding(
    http: httpx.AsyncClient, urls: Mapping[str, str], login: Login, rights: int
) -> str:
    """A token with as many rights: identity hears of them a moment after providers answered."""
    async with asyncio.timeout(_PATIENCE_S):
        while True:
            token = await _sign_in(http, urls["sessions"], login)
            me = (await http.get(urls["identity"], headers=_bearer(token))).json()
            if len(me["permissions"]) == rights:
                return token


async def _until_refused(
    http: httpx.AsyncClient,
    asked: list[str],
    token: str,
    revoke: Callable[[], Coroutine[Any, Any, None]],
) -> float:
    headers = _bearer(token)
    await asyncio.gather(*(http.get(url, headers=headers) for url in asked))
    await revoke()
    revoked = time.perf_counter()
    await asyncio.gather(*(_refused(http, url, headers) for url in asked))
    return time.perf_counter() - revoked


async def _refused(http: httpx.AsyncClient, url: str, headers: Mapping[str, str]) -> None:
    async with asyncio.timeout(_PATIENCE_S):
        while (await http.get(url, headers=headers)).status_code != _REFUSED:  # noqa: ASYNC110
            await asyncio.sleep(_POLL_S)


async def _sign_in(http: httpx.AsyncClient, url: str, login: Login) -> str:
    answer = await http.post(url, json=dict(login))
    return str(answer.raise_for_status().json()["access_token"])


async def _p99_s(once: Callable[[], Coroutine[Any, Any, float]], samples: int) -> float:
    seconds = [await once() for _ in range(_WARM_UP + samples)]
    return p99_ms(seconds[_WARM_UP:]) / 1_000


def _asked(urls: Mapping[str, str]) -> list[str]:
    return [url for name, url in urls.items() if name != "sessions"]


def _bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def _client() -> httpx.AsyncClient:
    return httpx.AsyncClient(timeout=_PATIENCE_S, trust_env=False)
