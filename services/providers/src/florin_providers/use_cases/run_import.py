"""An import is checked and, if nothing is wrong with any of its lines, applied as a whole.

First everything is checked, batch by batch, holding nothing. Then one transaction does the same
once more and writes: products, events and the import's own end stand or fall together, so that a
process killed at any moment leaves an import that has not been applied, and is run again.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any, Final
from uuid import UUID

from sqlalchemy import delete, select, text, update
from sqlalchemy.exc import DBAPIError

from florin_chassis.actor import Actor, process_actor
from florin_chassis.database import is_transient
from florin_chassis.errors import Refusal
from florin_chassis.orm import Fact
from florin_chassis.runtime import Runtime
from florin_chassis.transaction import Transaction
from florin_providers.models import (
    CatalogueImport,
    ImportLine,
    ImportStatus,
    Product,
    Provider,
    need_providers,
)
from florin_providers.models.catalogue_import import DUE
from florin_providers.models.catalogue_merging import Fault, Merged, Seller
from florin_providers.models.import_batch import Batch, Faults, batches, faults_of_all

_LINES_DELETED_AT_ONCE: Final = 50_000
_LEASE: Final = text("SELECT pg_try_advisory_xact_lock(hashtextextended(:name, 0))")


class Refused(Exception):
    """While it was applied a line turned out to be wrong: nothing of the import stays."""

    def __init__(self, faults: "Faults") -> None:
        super().__init__()
        self.faults = faults


@dataclass(slots=True)
class Counts:
    """Products by what an import does to them."""

    created: int = 0
    changed: int = 0
    unchanged: int = 0


async def run_import(
    runtime: Runtime, import_id: UUID, progress: Callable[[int], None] = lambda _: None
) -> bool:
    """Run it to its end; `False` when another process is running it, or it is not due."""
    async with runtime.database.engine.begin() as lease:
        if not await lease.scalar(_LEASE, {"name": f"florin.catalogue-import.{import_id}"}):
            return False
        running = await _Running.of(runtime, import_id, progress)
        if running is None:
            return False
        await running.run()
        await forget_lines(runtime, import_id)
        return True


async def forget_lines(runtime: Runtime, import_id: UUID) -> None:
    """Delete the lines of an import that has ended, some at a time."""
    own = ImportLine.import_id == import_id
    some = select(ImportLine.line).where(own).limit(_LINES_DELETED_AT_ONCE)
    deleted = True
    while deleted:
        async with runtime.begin_as(process_actor(runtime.service))() as transaction:
            gone = (
                delete(ImportLine).where(own, ImportLine.line.in_(some)).returning(ImportLine.line)
            )
            deleted = (await transaction.session.execute(gone)).first() is not None


@dataclass(slots=True)
class _Running:
    """One run of one import."""

    runtime: Runtime
    import_id: UUID
    seller: Seller
    actor: Actor
    dry_run: bool
    progress: Callable[[int], None]

    @classmethod
    async def of(
        cls, runtime: Runtime, import_id: UUID, progress: Callable[[int], None]
    ) -> "_Running | None":
        """The import, if it is due."""
        async with runtime.database.session(process_actor(runtime.service)) as session:
            row = await session.get(CatalogueImport, import_id)
            if row is None or row.status not in DUE:
                return None
            provider = await session.get_one(Provider, row.provider_id)
            actor = Actor(
                name=row.actor,
                on_behalf_of=row.on_behalf_of,
                reason=f"catalogue import {row.id}",
                reach=MappingProxyType({"provider": frozenset({row.provider_id})}),
            )
            seller = Seller(row.provider_id, provider.currency, datetime.now(UTC))
            return cls(runtime, import_id, seller, actor, row.dry_run, progress)

    async def run(self) -> None:
        await self._note(status=ImportStatus.CHECKING, checked=0, applied=0)
        faults, counts = await self._check()
        if faults.count:
            await self._refuse(faults)
        elif self.dry_run:
            await self._note(status=ImportStatus.CHECKED, **_ended(counts))
        else:
            await self._note(status=ImportStatus.APPLYING)
            try:
                await self._apply()
            except Refused as refused:  # the catalogue has changed since it was checked
                await self._refuse(refused.faults)
            except Refusal as refusal:
                await self._refuse(_of_the_whole(refusal.detail))
            except DBAPIError as error:
                if is_transient(error):
                    raise  # it is run again
                await self._refuse(_of_the_whole("a value cannot be stored"))

    async def _refuse(self, faults: Faults) -> None:
        errors = [fault._asdict() for fault in faults.first]
        ended = {"errors": errors, "errors_found": faults.count, "ended_at": datetime.now(UTC)}
        await self._note(status=ImportStatus.REFUSED, **ended)

    async def _check(self) -> tuple[Faults, Counts]:
        faults, counts, done = Faults(), Counts(), 0
        async with self.runtime.database.session(self.actor) as session:
            faults.add(await faults_of_all(session, self.import_id))
            if faults.count:
                return faults, counts
            async for lines in batches(session, self.import_id):
                batch = await Batch.read(session, self.seller, lines, locked=False)
                faults.add(batch.faults)
                for known, merged in batch.merged:
                    _count(counts, known, merged)
                session.expunge_all()
                await session.rollback()  # nothing is held from one batch to the next
                done += len(lines)
                self.progress(len(lines))
                await self._note(checked=done)
        return faults, counts

    async def _apply(self) -> None:
        counts, done = Counts(), 0
        async with self.runtime.begin_as(self.actor)() as transaction:
            (provider,) = await need_providers(transaction.session, [self.seller.provider_id])
            seller = self.seller._replace(currency=provider.currency)
            async for lines in batches(transaction.session, self.import_id):
                batch = await Batch.read(transaction.session, seller, lines, locked=True)
                if batch.faults:
                    faults = Faults()
                    faults.add(batch.faults)
                    raise Refused(faults)
                for known, merged in batch.merged:
                    _count(counts, known, merged)
                    transaction.emit(*_make(transaction, seller, known, merged))
                await transaction.relieve()
                done += len(lines)
                self.progress(len(lines))
                await self._note(applied=done)
            applied = {"status": ImportStatus.APPLIED, **_ended(counts)}
            await transaction.session.execute(_update(self.import_id, applied))

    async def _note(self, **columns: Any) -> None:
        """For whoever looks on: at once, and in a transaction of its own."""
        async with self.runtime.begin_as(process_actor(self.runtime.service))() as transaction:
            await transaction.session.execute(_update(self.import_id, columns))


def _of_the_whole(reason: str) -> Faults:
    """Not of one line: it shows only when everything is written."""
    faults = Faults()
    faults.add([Fault(0, None, reason)])
    return faults


def _make(
    transaction: Transaction, seller: Seller, known: Product | None, merged: Merged
) -> list[Fact]:
    if known is not None:
        return known.change(merged.columns)
    product = Product(provider_id=seller.provider_id, **merged.columns)
    transaction.add(product)
    return [product.enter()]


def _count(counts: Counts, known: Product | None, merged: Merged) -> None:
    if known is None:
        counts.created += 1
    elif any(getattr(known, name) != value for name, value in merged.columns.items()):
        counts.changed += 1
    else:
        counts.unchanged += 1


def _ended(counts: Counts) -> dict[str, Any]:
    return {
        "created": counts.created,
        "changed": counts.changed,
        "unchanged": counts.unchanged,
        "ended_at": datetime.now(UTC),
    }


def _update(import_id: UUID, columns: dict[str, Any]) -> Any:
    return update(CatalogueImport).where(CatalogueImport.id == import_id).values(**columns)
