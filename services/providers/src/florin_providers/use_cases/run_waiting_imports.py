"""Whatever imports are due are run, and those that nobody goes on with are given up."""

from datetime import UTC, datetime, timedelta
from typing import Final

from sqlalchemy import exists, select, update

from florin_chassis.actor import process_actor
from florin_chassis.runtime import Runtime
from florin_providers.models import CatalogueImport, ImportLine, ImportStatus
from florin_providers.models.catalogue_import import DUE
from florin_providers.use_cases.run_import import forget_lines, run_import

UPLOAD_MAX: Final = timedelta(days=1)
LEFT_MAX: Final = timedelta(days=7)
"""Whose process died before it deleted the lines is looked for so long."""


async def run_waiting_imports(runtime: Runtime) -> None:
    """One after the other, in the order in which they were begun."""
    now = datetime.now(UTC)
    stale = (
        update(CatalogueImport)
        .where(
            CatalogueImport.status == ImportStatus.UPLOADING,
            CatalogueImport.created_at < now - UPLOAD_MAX,
        )
        .values(status=ImportStatus.ABANDONED, ended_at=now)
    )
    left = select(CatalogueImport.id).where(
        CatalogueImport.ended_at > now - LEFT_MAX,
        exists().where(ImportLine.import_id == CatalogueImport.id),
    )
    due = select(CatalogueImport.id).where(CatalogueImport.status.in_(DUE))
    async with runtime.begin_as(process_actor(runtime.service))() as transaction:
        await transaction.session.execute(stale)
        ended = list(await transaction.session.scalars(left))
        waiting = list(await transaction.session.scalars(due.order_by(CatalogueImport.id)))
    for import_id in ended:
        await forget_lines(runtime, import_id)
    for import_id in waiting:
        await run_import(runtime, import_id)
