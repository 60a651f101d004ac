"""One HTTP request to a webhook, bounded in time and in what is read of the answer."""

import asyncio
import ssl
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from types import TracebackType
from typing import Final, Self
from uuid import UUID

import httpcore

from florin_chassis.errors import Malformed
from florin_providers.delivery.backoff import asked_delay_s
from florin_providers.delivery.network import ForbiddenAddress, OutsideNetwork
from florin_providers.delivery.signing import signed_headers
from florin_providers.models import AddressRules, AttemptOutcome
from florin_providers.settings import Settings

RESPONSE_BYTES_KEPT: Final = 2_048
GONE: Final = 410
_KEPT_ALIVE_S: Final = 5.0


@dataclass(frozen=True, slots=True)
class Parcel:
    """What is sent where, and the secrets that it is signed with."""

    url: str
    event_id: UUID
    body: bytes
    secrets: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class Attempt:
    """How one try went; `asked_s` is how long the receiver asked us to wait."""

    at: datetime
    duration_ms: int
    outcome: AttemptOutcome
    status_code: int | None = None
    response: str | None = None
    error: str | None = None
    asked_s: int | None = None


class Sender:
    """The HTTP client of a process. It follows no redirect and knows of no proxy."""

    def __init__(self, settings: Settings, tls: ssl.SSLContext | None = None) -> None:
        self._settings = settings
        self._rules = AddressRules.of(settings)
        self._network = OutsideNetwork(self._rules)
        self._pool = httpcore.AsyncConnectionPool(
            ssl_context=tls,
            max_connections=settings.webhook_at_once_max,
            keepalive_expiry=_KEPT_ALIVE_S,
            network_backend=self._network,
        )

    async def __aenter__(self) -> Self:
        """Itself."""
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close every connection."""
        await self._pool.aclose()
        self._network.close()

    async def send(self, parcel: Parcel) -> Attempt:
        """Try once; whatever goes wrong is in the attempt."""
        at, started = datetime.now(UTC), time.monotonic()
        answer = await self._ask(parcel, at)
        duration_ms = int((time.monotonic() - started) * 1000)
        return Attempt(at=at, duration_ms=duration_ms, **answer)  # type: ignore[arg-type]

    async def _ask(self, parcel: Parcel, at: datetime) -> dict[str, object]:
        try:
            self._rules.require_url(parcel.url)  # the rules may be stricter than they were
            async with asyncio.timeout(self._settings.webhook_answer_ms_max / 1000):
                return await self._post(parcel, at)
        except (Malformed, ForbiddenAddress) as error:
            return _fault(AttemptOutcome.FORBIDDEN_ADDRESS, error)
        except (TimeoutError, httpcore.TimeoutException):
            return {"outcome": AttemptOutcome.TIMED_OUT, "error": "no answer in time"}
        except Exception as error:  # noqa: BLE001 - whatever it was, this try failed
            return _fault(AttemptOutcome.UNREACHABLE, error)

    async def _post(self, parcel: Parcel, at: datetime) -> dict[str, object]:
        headers: dict[bytes | str, bytes | str] = {
            "content-type": "application/json",
            "user-agent": "Florin-Webhooks/1.0",
            "accept-encoding": "identity",
            **signed_headers(parcel.event_id, at, parcel.body, parcel.secrets),
        }
        whole_s = self._settings.webhook_answer_ms_max / 1000
        connect_s = min(self._settings.webhook_connect_ms_max / 1000, whole_s)
        limits = {"connect": connect_s, "read": whole_s, "write": whole_s, "pool": whole_s}
        asking = self._pool.stream(
            "POST",
            parcel.url,
            headers=headers,
            content=parcel.body,
            extensions={"timeout": limits},
        )
        async with asking as answer:
            kept = bytearray()
            async for chunk in answer.aiter_stream():
                kept += chunk
                if len(kept) >= RESPONSE_BYTES_KEPT:
                    break
            return _answered(answer, bytes(kept[:RESPONSE_BYTES_KEPT]))


def _answered(answer: httpcore.Response, beginning: bytes) -> dict[str, object]:
    fine = answer.status // 100 == 2  # noqa: PLR2004 - the class of a status
    headers = {name.lower(): value for name, value in answer.headers}
    retry_after = headers.get(b"retry-after", b"").decode("latin-1")
    return {
        "outcome": AttemptOutcome.DELIVERED if fine else AttemptOutcome.REFUSED,
        "status_code": answer.status,
        "response": beginning.decode(errors="replace").replace("\x00", "\ufffd"),
        "asked_s": asked_delay_s(retry_after or None),
    }


def _fault(outcome: AttemptOutcome, error: Exception) -> dict[str, object]:
    return {"outcome": outcome, "error": (str(error) or type(error).__name__)[:500]}
