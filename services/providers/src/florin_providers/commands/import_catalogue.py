"""`import-catalogue`: a file into a provider's catalogue, by the same road as over HTTP."""

import argparse
import asyncio
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import BinaryIO, Final, cast
from uuid import UUID

from sqlalchemy import select

from florin_chassis.actor import process_actor
from florin_chassis.errors import Refusal
from florin_chassis.progress import Progress
from florin_chassis.runtime import Runtime
from florin_providers.models import CatalogueImport, ImportFormat, ImportStatus, Provider
from florin_providers.models.catalogue_import import DUE
from florin_providers.settings import Settings
from florin_providers.use_cases.add_import_part import add_import_part
from florin_providers.use_cases.cancel_import import cancel_import
from florin_providers.use_cases.run_import import run_import
from florin_providers.use_cases.start_import import start_import
from florin_providers.use_cases.submit_import import submit_import

_PART_BYTES: Final = 1_000_000
_LOOK_S: Final = 1.0


async def import_catalogue(runtime: Runtime, arguments: Sequence[str]) -> None:
    """Shows its progress, then what it did; exits with 1 and each error when it was refused."""
    parser = argparse.ArgumentParser(prog="python -m florin_providers import-catalogue")
    parser.add_argument("file", type=Path, help=".csv, or .json with an object a line")
    parser.add_argument("--provider", required=True, help="the slug of the provider")
    parser.add_argument("--dry-run", action="store_true", help="check, and change nothing")
    given = parser.parse_args(arguments)
    format_ = ImportFormat.CSV if given.file.suffix == ".csv" else ImportFormat.JSON
    try:
        with given.file.open("rb") as file:
            import_id = await _upload(runtime, given.provider, file, format_, given.dry_run)
    except (Refusal, OSError) as error:
        raise SystemExit(f"import-catalogue: {error}") from None
    done = await _run(runtime, import_id)
    for fault in done.errors:
        sys.stderr.write(f"line {fault['line']}, {fault['column'] or '-'}: {fault['reason']}\n")
    sys.stdout.write(
        f"{done.status}: {done.lines} lines; products {done.created} new, {done.changed} changed,"
        f" {done.unchanged} as they were; {done.errors_found} errors\n"
    )
    if done.status is ImportStatus.REFUSED:
        raise SystemExit(1)


async def _upload(
    runtime: Runtime, slug: str, file: BinaryIO, format_: ImportFormat, dry_run: bool
) -> UUID:
    begin = runtime.begin_as(process_actor(runtime.service))
    async with runtime.database.session(process_actor(runtime.service)) as session:
        provider_id = await session.scalar(select(Provider.id).where(Provider.slug == slug))
    if provider_id is None:
        raise SystemExit(f"import-catalogue: there is no provider {slug}")
    settings = cast(Settings, runtime.settings)
    limits = (settings.catalogue_import_lines_max, settings.catalogue_import_bytes_max)
    begun = await start_import(provider_id, format_, begin, dry_run=dry_run)
    progress = Progress("upload", file.seek(0, 2))
    file.seek(0)
    try:
        for number, part in enumerate(parts(file), start=1):
            await add_import_part(begun.id, number, part, limits, begin)
            progress.advance(len(part))
        progress.finish()
        await submit_import(begun.id, begin)
    except (Refusal, OSError, asyncio.CancelledError):  # the last is Ctrl-C
        await cancel_import(begun.id, begin)
        raise
    return begun.id


def parts(file: BinaryIO) -> Iterator[bytes]:
    """The file in parts that end with a line."""
    while part := file.read(_PART_BYTES):
        yield part + file.readline(_PART_BYTES)


async def _run(runtime: Runtime, import_id: UUID) -> CatalogueImport:
    """Run it here, or look on while a scheduler does."""
    found = await _look(runtime, import_id)
    progress = Progress("import", found.lines * (1 if found.dry_run else 2))
    while found.status in DUE:
        if not await run_import(runtime, import_id, progress.advance):
            await asyncio.sleep(_LOOK_S)
        found = await _look(runtime, import_id)
    progress.finish()
    return found


async def _look(runtime: Runtime, import_id: UUID) -> CatalogueImport:
    async with runtime.database.session(process_actor(runtime.service)) as session:
        return await session.get_one(CatalogueImport, import_id)
