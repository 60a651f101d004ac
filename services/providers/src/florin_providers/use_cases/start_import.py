"""An import of a provider's catalogue is begun: its file comes in parts."""

from uuid import UUID

from sqlalchemy import func, select

from florin_chassis.transaction import Begin
from florin_providers.models import CatalogueImport, ImportFormat, ImportStatus, need_providers
from florin_providers.models.catalogue_import import DUE, UNFINISHED_MAX, TooManyImports


async def start_import(
    provider_id: UUID, format_: ImportFormat, begin: Begin, *, dry_run: bool
) -> CatalogueImport:
    """Raises `NotFound` and `ProviderIsArchived` for the provider, and `TooManyImports`."""
    async with begin() as transaction:
        session = transaction.session
        await need_providers(session, [provider_id])
        unfinished = select(func.count(CatalogueImport.id)).where(
            CatalogueImport.provider_id == provider_id,
            CatalogueImport.status.in_((ImportStatus.UPLOADING, *DUE)),
        )
        if (await session.scalar(unfinished) or 0) >= UNFINISHED_MAX:
            raise TooManyImports(f"{UNFINISHED_MAX} imports of this provider are unfinished")
        begun = CatalogueImport(
            provider_id=provider_id,
            format=format_,
            dry_run=dry_run,
            actor=transaction.actor.name,
            on_behalf_of=transaction.actor.on_behalf_of,
        )
        session.add(begun)
        await session.flush()
        await session.refresh(begun)
    return begun
