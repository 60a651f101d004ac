"""Delivers to webhooks: in order per aggregate, aggregates beside each other, at least once."""

import asyncio
import ssl
import time
from datetime import UTC, datetime, timedelta
from typing import Final, cast

import structlog
from prometheus_client import Counter

from florin_chassis.actor import process_actor
from florin_chassis.errors import Refusal
from florin_chassis.runtime import Runtime
from florin_contracts.providers import WebhookDisabledReason
from florin_providers.delivery.claims import Claimed, claim_due
from florin_providers.delivery.recording import let_go, record
from florin_providers.delivery.sending import GONE, Attempt, Sender
from florin_providers.settings import Settings
from florin_providers.use_cases.disable_webhook import disable_webhook

_RECORDING_S = 15.0
"""How long after the answer the lease still lasts, in which it is written down."""

_RECORDERS = 4
"""Connections of the pool that write at once: the rest stays for others."""

ATTEMPTS: Final = Counter(
    "florin_webhook_attempts_total", "Tries to deliver to webhooks, by outcome", ["outcome"]
)
_log = structlog.get_logger(__name__)


class Deliverer:
    """One process. A crash between sending and recording means that it is sent once more."""

    def __init__(self, runtime: Runtime, tls: ssl.SSLContext | None = None) -> None:
        self._runtime = runtime
        self._settings = cast(Settings, runtime.settings)
        self._tls = tls
        self._answer_s = self._settings.webhook_answer_ms_max / 1000
        self._recorders = asyncio.Semaphore(_RECORDERS)
        self._under_way: set[asyncio.Task[None]] = set()
        self._done = asyncio.Event()

    async def run(self, stopping: asyncio.Event) -> None:
        """Deliver until `stopping`; what is under way then is finished."""
        async with Sender(self._settings, self._tls) as sender:
            try:
                while not stopping.is_set():
                    self._done.clear()
                    if not await self._start(sender):
                        await self._wait(stopping)
            finally:
                await asyncio.gather(*self._under_way)

    async def _start(self, sender: Sender) -> bool:
        """Begin with what is due and has room; whether there was any."""
        room = self._settings.webhook_at_once_max - len(self._under_way)
        if room <= 0:
            return False
        until = time.monotonic() + _RECORDING_S
        lease_s = self._answer_s + _RECORDING_S
        database = self._runtime.database
        found, empty = await claim_due(database, self._settings, room, lease_s)
        for lane in empty:
            await let_go(database, lane)
        for claimed in found:
            task = asyncio.create_task(self._deliver(sender, claimed, until))
            self._under_way.add(task)
            task.add_done_callback(self._finished)
        return bool(found)

    def _finished(self, task: asyncio.Task[None]) -> None:
        self._under_way.discard(task)
        self._done.set()

    async def _wait(self, stopping: asyncio.Event) -> None:
        """Until something was delivered, for its lane may go on, or the next poll."""
        told = asyncio.ensure_future(stopping.wait())
        done = asyncio.ensure_future(self._done.wait())
        try:
            await asyncio.wait(
                {told, done},
                timeout=self._settings.webhook_poll_ms / 1000,
                return_when=asyncio.FIRST_COMPLETED,
            )
        finally:
            told.cancel()
            done.cancel()

    async def _deliver(self, sender: Sender, claimed: Claimed, until: float) -> None:
        try:
            parcel = claimed.parcel(self._settings.key_encryption_key)
            if time.monotonic() > until:  # we were held up, and another may have the lane
                return
            attempt = await sender.send(parcel)
            ATTEMPTS.labels(attempt.outcome).inc()
            async with self._recorders:
                failing_since = await record(
                    self._runtime.database, self._settings, claimed, attempt
                )
            await self._judge(claimed, attempt, failing_since)
        except Exception:  # noqa: BLE001 - the lease ends, and it is delivered again
            _log.exception("delivery not recorded", webhook=str(claimed.lane.webhook_id))

    async def _judge(
        self, claimed: Claimed, attempt: Attempt, failing_since: datetime | None
    ) -> None:
        """Disable a webhook that said it is gone, or has failed for too long."""
        if failing_since is None:
            return
        patience = timedelta(hours=self._settings.webhook_failing_hours_max)
        if attempt.status_code == GONE:
            reason = WebhookDisabledReason.GONE
        elif datetime.now(UTC) - failing_since >= patience:
            reason = WebhookDisabledReason.FAILING
        else:
            return
        begin = self._runtime.begin_as(process_actor(self._runtime.service))
        try:
            await disable_webhook(claimed.lane.webhook_id, reason, begin)
        except Refusal as refusal:
            _log.info("webhook not disabled", reason=refusal.detail)
