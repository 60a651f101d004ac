"""One HTTP request to a webhook, bounded in time and in what is read of the answer."""

import ssl
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final
from uuid import UUID

from florin_chassis.errors import Malformed
from florin_chassis.outside.client import Answered, Headers, OutsideClient, Patience
from florin_chassis.outside.network import ForbiddenAddress
from florin_providers.delivery.backoff import asked_delay_s
from florin_providers.delivery.signing import signed_headers
from florin_providers.models import AttemptOutcome
from florin_providers.settings import Settings

GONE: Final = 410


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


class Sender(OutsideClient):
    """What a process delivers with."""

    def __init__(self, settings: Settings, tls: ssl.SSLContext | None = None) -> None:
        super().__init__(settings.webhook_addresses, settings.webhook_at_once_max, tls)
        whole_s = settings.webhook_answer_ms_max / 1000
        self._patience = Patience(settings.webhook_connect_ms_max / 1000, whole_s)

    async def send(self, parcel: Parcel) -> Attempt:
        """Try once; whatever goes wrong is in the attempt."""
        at, started = datetime.now(UTC), time.monotonic()
        answer = await self._ask(parcel, at)
        duration_ms = int((time.monotonic() - started) * 1000)
        return Attempt(at=at, duration_ms=duration_ms, **answer)  # type: ignore[arg-type]

    async def _ask(self, parcel: Parcel, at: datetime) -> dict[str, object]:
        headers: Headers = {
            "content-type": "application/json",
            "user-agent": "Florin-Webhooks/1.0",
            **signed_headers(parcel.event_id, at, parcel.body, parcel.secrets),
        }
        try:
            return _answered(await self.post(parcel.url, headers, parcel.body, self._patience))
        except (Malformed, ForbiddenAddress) as error:
            return _fault(AttemptOutcome.FORBIDDEN_ADDRESS, error)
        except TimeoutError:
            return {"outcome": AttemptOutcome.TIMED_OUT, "error": "no answer in time"}
        except Exception as error:  # noqa: BLE001 - whatever it was, this try failed
            return _fault(AttemptOutcome.UNREACHABLE, error)


def _answered(answer: Answered) -> dict[str, object]:
    fine = answer.status // 100 == 2  # noqa: PLR2004 - the class of a status
    retry_after = answer.headers.get(b"retry-after", b"").decode("latin-1")
    return {
        "outcome": AttemptOutcome.DELIVERED if fine else AttemptOutcome.REFUSED,
        "status_code": answer.status,
        "response": answer.beginning.decode(errors="replace").replace("\x00", "\ufffd"),
        "asked_s": asked_delay_s(retry_after or None),
    }


def _fault(outcome: AttemptOutcome, error: Exception) -> dict[str, object]:
    return {"outcome": outcome, "error": (str(error) or type(error).__name__)[:500]}
