"""The file of an import is complete: it is checked and applied from here on."""

from uuid import UUID

from florin_chassis.transaction import Begin
from florin_providers.models import CatalogueImport, ImportStatus, need_import
from florin_providers.models.catalogue_import import NothingUploaded


async def submit_import(import_id: UUID, begin: Begin) -> CatalogueImport:
    """Raises `NotFound`, `NotUploading` and `NothingUploaded`."""
    async with begin() as transaction:
        submitted = await need_import(transaction.session, import_id)
        submitted.require_uploading()
        if not submitted.lines:
            raise NothingUploaded("no line has arrived")
        submitted.status = ImportStatus.WAITING
    return submitted
