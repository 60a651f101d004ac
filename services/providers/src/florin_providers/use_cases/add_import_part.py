"""A part of an imported file arrives, and its lines are kept until they are looked at."""

from uuid import UUID

import orjson
from sqlalchemy.ext.asyncio import AsyncSession

from florin_chassis.transaction import Begin
from florin_providers.models import CatalogueImport, need_import
from florin_providers.models.import_text import Line, read_part

_COLUMNS = ["import_id", "line", "product_code", "plan_code", "cells"]


async def add_import_part(
    import_id: UUID, number: int, data: bytes, limits: tuple[int, int], begin: Begin
) -> CatalogueImport:
    """The last part once more changes nothing, so that a lost answer can be asked for again.

    Raises `NotFound`, `NotUploading`, `PartOutOfOrder`, `ImportTooLarge` and `Unreadable`.
    """
    async with begin() as transaction:
        of = await need_import(transaction.session, import_id)
        of.require_uploading()
        if of.is_next(number):
            columns, lines = read_part(data, of.format, of.columns, of.next_line)
            of.columns = list(columns)
            of.next_line += data.count(b"\n") + (not data.endswith(b"\n"))
            of.take_in(len(data), len(lines), limits)
            await _copy(transaction.session, import_id, lines)
    return of


async def _copy(session: AsyncSession, import_id: UUID, lines: list[Line]) -> None:
    records = [
        (
            import_id,
            line.number,
            line.product_code,
            line.plan_code,
            orjson.dumps(line.cells).decode(),
        )
        for line in lines
    ]
    connection = await (await session.connection()).get_raw_connection()
    driver = connection.driver_connection
    assert driver is not None  # noqa: S101 - a checked-out connection has one
    await driver.copy_records_to_table("catalogue_import_lines", records=records, columns=_COLUMNS)
