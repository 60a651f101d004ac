"""Asks the databases once more about what looks like a breach and may be a race or old age."""

import asyncio
import time
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Any, Final
from uuid import UUID

from sqlalchemy import text

from florin_operations.databases import connection_to
from florin_operations.options import Scope
from florin_operations.registry import read_by, topics
from florin_operations.verifying import rules
from florin_operations.verifying.evidence import Evidence
from florin_operations.verifying.rules import Breach

_BATCH: Final = 5_000
_PATIENCE_S: Final = 5.0
_LOOK_EVERY_S: Final = 0.5
_IN_AUDIT: Final = "SELECT event_id FROM audit WHERE event_id = ANY(:ids)"
_IN_INBOX: Final = "SELECT event_id FROM inbox WHERE event_id = ANY(:ids)"


class Suspects:
    """What the evidence suspects, and the databases confirm."""

    def __init__(self, scope: Scope, evidence: Evidence, most: int) -> None:
        self._scope, self._evidence, self._most = scope, evidence, most

    async def ghosts(self) -> Breach:
        """Events on Kafka whose owner has never heard of them.

        A relay that reads the write-ahead log may send an event a moment before others see it
        committed, so that a ghost is one only if it stays unknown for some seconds.
        """
        breach = Breach("I1", "ghost message: on Kafka, never committed")
        owners = {self._scope.installation.topic(t.name): t.owner for t in topics().values()}
        for batch in _batches(self._evidence.ask(rules.GHOSTS)):
            for owner in {owners[topic] for _, topic in batch} & set(self._scope.services):
                suspected = {event: topic for event, topic in batch if owners[topic] == owner}
                unknown = await self._unknown_for_long(owner, _IN_AUDIT, set(suspected))
                self._note(breach, (f"{suspected[e]}: event {e}" for e in unknown), len(unknown))
        return breach

    async def unhandled(self) -> Breach:
        """Events that a consumer has passed by without handling or parking them."""
        breach = Breach("I1", "passed by: neither in the inbox nor parked")
        for batch in _batches(self._evidence.ask(rules.UNHANDLED)):
            for reader in {row[0] for row in batch}:
                mine = {row[1]: row[2:] for row in batch if row[0] == reader}
                missing = await self._unknown(reader, _IN_INBOX, set(mine))
                told = ("{}: {}, partition {}, offset {}".format(reader, *mine[e]) for e in missing)
                self._note(breach, told, len(missing))
        return breach

    async def unknown_effects(self) -> Breach:
        """Inbox rows of events that none of the owners that this reader listens to has stated."""
        breach = Breach("I1", "effect of an event that was never committed")
        for batch in _batches(self._evidence.ask(rules.UNKNOWN_EFFECTS)):
            for reader in {row[0] for row in batch}:
                unknown = {event for whose, event in batch if whose == reader}
                owners = {topics()[topic].owner for topic in read_by(reader)}
                if not owners <= set(self._scope.services):
                    continue  # whoever might know them was not asked for
                for owner in owners:
                    unknown = await self._unknown(owner, _IN_AUDIT, unknown)
                self._note(breach, (f"{reader}: event {e}" for e in unknown), len(unknown))
        return breach

    async def _unknown_for_long(self, service: str, query: str, ids: set[UUID]) -> set[UUID]:
        deadline = time.monotonic() + _PATIENCE_S
        while ids := await self._unknown(service, query, ids):
            if time.monotonic() > deadline:
                break
            await asyncio.sleep(_LOOK_EVERY_S)
        return ids

    async def _unknown(self, service: str, query: str, ids: set[UUID]) -> set[UUID]:
        if not ids:
            return ids
        async with connection_to(self._scope.installation, service) as connection:
            return ids - set(await connection.scalars(text(query), {"ids": list(ids)}))

    def _note(self, breach: Breach, examples: Iterable[str], count: int) -> None:
        breach.count += count
        breach.examples += islice(examples, max(self._most - len(breach.examples), 0))


def _batches(rows: Iterator[tuple[Any, ...]]) -> Iterator[Sequence[tuple[Any, ...]]]:
    while batch := list(islice(rows, _BATCH)):
        yield batch
