"""Writes a provider's catalogue as a file that can be imported, product by product."""

import csv
import io
from collections.abc import AsyncIterator
from typing import Any, Final
from uuid import UUID

import orjson
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from florin_chassis.errors import NotFound
from florin_providers.models import ImportFormat, Product, Provider
from florin_providers.models.catalogue_row import COLUMNS, rows_of

_BATCH: Final = 20


async def need_exportable(session: AsyncSession, provider_id: UUID) -> None:
    """Raise `NotFound` unless there is such a provider for the actor."""
    if await session.get(Provider, provider_id) is None:
        raise NotFound(f"there is no provider {provider_id}")


async def export_catalogue(
    session: AsyncSession, provider_id: UUID, format_: ImportFormat
) -> AsyncIterator[bytes]:
    """The file, some products at a time: each is whole, and as it was when its turn came.

    A row for each price that is in force or to come; what has ended is not exported.
    """
    if format_ is ImportFormat.CSV:
        yield _csv([dict(zip(COLUMNS, COLUMNS, strict=True))])
    own, after = Product.provider_id == provider_id, UUID(int=0)
    while True:
        products = list(
            await session.scalars(
                select(Product).where(own, Product.id > after).order_by(Product.id).limit(_BATCH)
            )
        )
        if not products:
            return
        rows = [row for product in products for row in rows_of(product)]
        yield _csv(rows) if format_ is ImportFormat.CSV else _json(rows)
        after = products[-1].id
        session.expunge_all()
        await session.rollback()  # a slow reader holds no transaction open


def _json(rows: list[dict[str, Any]]) -> bytes:
    ordered = ({name: row[name] for name in COLUMNS} for row in rows)
    return b"".join(orjson.dumps(row) + b"\n" for row in ordered)


def _csv(rows: list[dict[str, Any]]) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerows([_cell(row[name]) for name in COLUMNS] for row in rows)
    return text.getvalue().encode()


def _cell(value: Any) -> str:
    if value is None or value in ({}, []):
        return ""
    return value if isinstance(value, str) else orjson.dumps(value).decode()
