"""Some products of an imported file at a time, with what is there of them already."""

import heapq
from collections.abc import AsyncIterator, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from florin_contracts.providers.offers import OfferStatus
from florin_providers.models.catalogue_import import ERRORS_MAX, ImportLine
from florin_providers.models.catalogue_merging import (
    Fault,
    Merged,
    Numbered,
    Seller,
    merge,
    read_rows,
)
from florin_providers.models.plan import Plan
from florin_providers.models.pricing import PRICES_MAX
from florin_providers.models.product import PLANS_MAX, Product
from florin_providers.models.product_type import ProductType

PRODUCTS_A_BATCH: Final = 20
LINES_A_BATCH: Final = 5_000
LINES_A_PRODUCT_MAX: Final = PLANS_MAX * PRICES_MAX


@dataclass(slots=True)
class Faults:
    """What is wrong: all of it counted, the first lines of it kept."""

    count: int = 0
    first: list[Fault] = field(default_factory=list)

    def add(self, faults: Iterable[Fault]) -> None:
        """Count, and keep those of the lowest lines."""
        found = list(faults)
        self.count += len(found)
        if found:
            self.first = heapq.nsmallest(
                ERRORS_MAX, [*self.first, *found], key=lambda fault: fault.line
            )


@dataclass(slots=True)
class Batch:
    """Some products of the file, and what it makes of them."""

    merged: list[tuple[Product | None, Merged]] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)

    @classmethod
    async def read(
        cls,
        session: AsyncSession,
        seller: Seller,
        lines: Sequence[tuple[int, dict[str, Any]]],
        *,
        locked: bool,
    ) -> "Batch":
        """Of these lines; `locked` holds what is there until the transaction ends."""
        rows, faults = read_rows(lines)
        products: dict[str, list[Numbered]] = {}
        for numbered in rows:
            products.setdefault(numbered[1].product_code, []).append(numbered)
        known = await _known(session, seller.provider_id, products.keys(), locked=locked)
        batch = cls(faults=faults)
        batch.faults += await _unknown_types(session, rows, known)
        batch.faults += await _codes_of_others(session, seller.provider_id, rows, known)
        for code, of_product in products.items():
            merged = merge(known.get(code), of_product, seller)
            batch.faults += merged.faults
            batch.merged.append((known.get(code), merged))
        return batch


async def _known(
    session: AsyncSession, provider_id: UUID, codes: Iterable[str], *, locked: bool
) -> dict[str, Product]:
    wanted = select(Product).where(Product.provider_id == provider_id, Product.code.in_(codes))
    ordered = wanted.order_by(Product.id)
    found = await session.scalars(ordered.with_for_update() if locked else ordered)
    return {product.code: product for product in found}


async def _unknown_types(
    session: AsyncSession, rows: Sequence[Numbered], known: dict[str, Product]
) -> list[Fault]:
    """A product may keep a type that is archived, but not get one."""
    codes = {row.product_type for _, row in rows if row.product_type}
    found = await session.execute(
        select(ProductType.code, ProductType.status).where(ProductType.code.in_(codes))
    )
    statuses = {row.code: row.status for row in found}
    faults = []
    for line, row in rows:
        kept = known[row.product_code].product_type if row.product_code in known else None
        if row.product_type in (None, kept):
            continue
        status = statuses.get(row.product_type or "")
        if status is None:
            faults.append(Fault(line, "product_type", "there is no such type"))
        elif status is OfferStatus.ARCHIVED:
            faults.append(Fault(line, "product_type", "is archived"))
    return faults


async def _codes_of_others(
    session: AsyncSession, provider_id: UUID, rows: Sequence[Numbered], known: dict[str, Product]
) -> list[Fault]:
    """Plans that are another product's already."""
    codes = {row.plan_code for _, row in rows}
    found = await session.execute(
        select(Plan.code, Plan.product_id).where(
            Plan.provider_id == provider_id, Plan.code.in_(codes)
        )
    )
    owners = {row.code: row.product_id for row in found}
    return [
        Fault(line, "plan_code", "is a plan of another product")
        for line, row in rows
        if row.plan_code in owners
        and (row.product_code not in known or known[row.product_code].id != owners[row.plan_code])
    ]


async def faults_of_all(session: AsyncSession, import_id: UUID) -> list[Fault]:
    """What only the whole file shows: too much of one product, one plan in two."""
    own = ImportLine.import_id == import_id
    last = func.max(ImportLine.line)
    many = await session.execute(
        select(last)
        .where(own)
        .group_by(ImportLine.product_code)
        .having(func.count() > LINES_A_PRODUCT_MAX)
        .limit(ERRORS_MAX)
    )
    twice = await session.execute(
        select(last)
        .where(own, ImportLine.plan_code != "")
        .group_by(ImportLine.plan_code)
        .having(func.min(ImportLine.product_code) != func.max(ImportLine.product_code))
        .limit(ERRORS_MAX)
    )
    too_many = f"a product has at most {LINES_A_PRODUCT_MAX} lines"
    return [
        *(Fault(line, "product_code", too_many) for (line,) in many),
        *(Fault(line, "plan_code", "is in two products of this file") for (line,) in twice),
    ]


async def batches(
    session: AsyncSession, import_id: UUID
) -> AsyncIterator[Sequence[tuple[int, dict[str, Any]]]]:
    """The lines of some whole products at a time, in the order of their codes."""
    own, following = ImportLine.import_id == import_id, ImportLine.product_code >= ""
    while codes := await _next_codes(session, own, following):
        lines = await session.execute(
            select(ImportLine.line, ImportLine.cells)
            .where(own, ImportLine.product_code.in_(codes))
            .order_by(ImportLine.line)
        )
        yield [(line, cells) for line, cells in lines]
        following = ImportLine.product_code > codes[-1]


async def _next_codes(session: AsyncSession, own: Any, following: Any) -> list[str]:
    counted = await session.execute(
        select(ImportLine.product_code, func.count())
        .where(own, following)
        .group_by(ImportLine.product_code)
        .order_by(ImportLine.product_code)
        .limit(PRODUCTS_A_BATCH)
    )
    codes: list[str] = []
    total = 0
    for code, count in counted:
        total += count
        if codes and total > LINES_A_BATCH:
            break
        codes.append(code)
    return codes
