"""An import whose file is not complete is given up by whoever may import there."""

from datetime import UTC, datetime
from uuid import UUID

from florin_chassis.transaction import Begin
from florin_providers.models import CatalogueImport, ImportStatus, need_import


async def cancel_import(import_id: UUID, begin: Begin) -> CatalogueImport:
    """The scheduler deletes its lines. Raises `NotFound` and `NotUploading`."""
    async with begin() as transaction:
        cancelled = await need_import(transaction.session, import_id)
        cancelled.require_uploading()
        cancelled.status, cancelled.ended_at = ImportStatus.CANCELLED, datetime.now(UTC)
    return cancelled
