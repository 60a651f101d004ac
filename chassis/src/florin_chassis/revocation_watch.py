"""Hears from Kafka what refuses tokens: every process that verifies them hears all of it.

It needs no group and keeps no position: whatever was said within a token's life is read anew at
each start. Without Kafka a process goes on, and a token's life is the bound.
"""

import asyncio
import re
import time
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Final

import structlog

from florin_chassis.metrics import REVOCATIONS_AGE, REVOCATIONS_KNOWN
from florin_chassis.revocations import SKEW_S, Revocations
from florin_chassis.road.leaving import leave
from florin_chassis.settings import HttpSettings
from florin_chassis.waiting import first_of
from florin_contracts.envelope import Envelope, MalformedEnvelope
from florin_contracts.event import event_types
from florin_contracts.tokens import REVOKING

if TYPE_CHECKING:
    from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition

_POLL_MS: Final = 1_000
_METADATA_AGE_MS: Final = 10_000
"""How soon a topic is noticed that was not there at the start."""
_UNHEARD_S_MAX: Final = 5.0
"""A client that has not heard of Kafka for so long is given up for another, whatever it waits for:
aiokafka waits for ever in places, such as for a position after the broker was away."""
_SETTLING_S_MAX: Final = 10.0
_log = structlog.get_logger(__name__)


class RevocationWatch:
    """Fills a process' revocations."""

    def __init__(self, revocations: Revocations, settings: HttpSettings, name: str) -> None:
        self._revocations, self._settings, self._name = revocations, settings, name
        self._pattern = _topics(settings.topic_prefix)
        self._current_at, self._heard_at = time.time(), 0.0
        REVOCATIONS_KNOWN.set_function(lambda: len(revocations))
        REVOCATIONS_AGE.set_function(lambda: time.time() - self._current_at)

    async def run(self, stopping: asyncio.Event) -> None:
        """Watch until told to stop; raises `KafkaError` or `TimeoutError` where Kafka is silent."""
        patience = asyncio.get_running_loop().call_later(_SETTLING_S_MAX, self._revocations.settle)
        try:
            await first_of(_set(stopping), self._watch())
        finally:
            patience.cancel()
            self._revocations.settle()  # what cannot be known holds up nobody

    async def _watch(self) -> None:
        kafka = self._kafka()
        kafka.subscribe(pattern=self._pattern)
        try:
            async with asyncio.timeout(_UNHEARD_S_MAX) as patience:
                await kafka.start()
                await self._follow(kafka, patience)
        finally:
            await leave(kafka)

    def _kafka(self) -> "AIOKafkaConsumer":
        from aiokafka import AIOKafkaConsumer  # noqa: PLC0415 - the process listens by then

        return AIOKafkaConsumer(
            bootstrap_servers=self._settings.kafka_bootstrap,
            client_id=self._name,
            group_id=None,
            enable_auto_commit=False,
            auto_offset_reset="earliest",
            isolation_level="read_committed",
            fetch_max_wait_ms=_POLL_MS,
            metadata_max_age_ms=_METADATA_AGE_MS,
            request_timeout_ms=int(_UNHEARD_S_MAX * 1_000),  # the default is 40 s
        )

    async def _follow(self, kafka: "AIOKafkaConsumer", patience: asyncio.Timeout) -> None:
        clock = asyncio.get_running_loop().time
        assigned: set[TopicPartition] = set()
        ends: dict[TopicPartition, int] = {}
        while True:
            if (now_assigned := set(kafka.assignment())) != assigned:
                assigned = now_assigned
                ends = await self._go_back(kafka, assigned)
            for records in (await kafka.getmany(timeout_ms=_POLL_MS)).values():
                self._hear(records)
            self._revocations.forget()
            if await self._note_stand(kafka, ends):
                patience.reschedule(clock() + _UNHEARD_S_MAX)

    async def _go_back(
        self, kafka: "AIOKafkaConsumer", partitions: set["TopicPartition"]
    ) -> dict["TopicPartition", int]:
        """Begin where the oldest token could have been issued; the ends of the log until then."""
        since_ms = int((time.time() - self._revocations.life_s - SKEW_S) * 1_000)
        ends: dict[TopicPartition, int] = await kafka.end_offsets(partitions)
        starts = await kafka.offsets_for_times(dict.fromkeys(partitions, since_ms))
        for partition, end in ends.items():  # asked for first: nothing falls in between
            start = starts.get(partition)
            kafka.seek(partition, end if start is None else start.offset)
        return ends

    def _hear(self, records: Iterable["ConsumerRecord[bytes, bytes]"]) -> None:
        for record in records:
            type_ = dict(record.headers).get("ce_type", b"").decode(errors="replace")
            if type_ in REVOKING:
                self._take(record.headers, for_good=REVOKING[type_])

    def _take(self, headers: Any, *, for_good: bool) -> None:
        try:
            envelope = Envelope.from_headers(headers)
        except MalformedEnvelope as error:
            _log.warning("revocation not understood", error=str(error))
            return
        self._revocations.add(envelope.subject, None if for_good else envelope.sequence)

    async def _note_stand(
        self, kafka: "AIOKafkaConsumer", ends: dict["TopicPartition", int]
    ) -> bool:
        """Settle once everything is known; whether Kafka was heard of since the last time."""
        if not ends:  # they will be assigned; were there none, there would be nothing to know
            if known := not any(map(self._is_ours, await kafka.topics())):
                self._revocations.settle()
            return known
        before, self._heard_at = self._heard_at, self._last_heard(kafka, ends)
        if all([await kafka.position(p) >= end for p, end in ends.items()]):
            self._revocations.settle()
            self._current_at = self._heard_at or self._current_at
        return self._heard_at not in (0.0, before)

    @staticmethod
    def _last_heard(kafka: "AIOKafkaConsumer", partitions: Iterable["TopicPartition"]) -> float:
        """When the partition that was asked about longest ago was; 0 if one never was."""
        return min(kafka.last_poll_timestamp(p) or 0 for p in partitions) / 1_000

    def _is_ours(self, topic: str) -> bool:
        return re.match(self._pattern, topic) is not None


def _topics(prefix: str) -> str:
    """As a pattern: one that is still to be made holds up none of the others."""
    topics = sorted({event_types()[type_].topic for type_ in REVOKING})
    return "|".join(f"^{re.escape(prefix + topic)}$" for topic in topics)


async def _set(event: asyncio.Event) -> None:
    await event.wait()
