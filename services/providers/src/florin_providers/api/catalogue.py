"""`/catalogue`: a provider's catalogue as a file, taken in and given out."""

from collections.abc import AsyncIterator
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import Path, Request, Response
from fastapi.responses import StreamingResponse
from pydantic import BaseModel
from sqlalchemy import select

from florin_chassis.errors import NotFound
from florin_chassis.http.bodies import Body, Resource
from florin_chassis.http.endpoint import BeginTransaction, CurrentActor, Reading, Router
from florin_chassis.http.pages import Page, PagingQuery, paginate
from florin_chassis.runtime import Runtime
from florin_contracts.permissions import Permission
from florin_providers.api.tools import CurrentSettings
from florin_providers.models import CatalogueImport, ImportFormat, ImportStatus
from florin_providers.queries.export_catalogue import export_catalogue, need_exportable
from florin_providers.use_cases.add_import_part import add_import_part
from florin_providers.use_cases.cancel_import import cancel_import
from florin_providers.use_cases.start_import import start_import
from florin_providers.use_cases.submit_import import submit_import

router = Router(tags=["catalogue"])

_MEDIA_TYPES = {ImportFormat.CSV: "text/csv", ImportFormat.JSON: "application/x-ndjson"}
_FILE: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {kind: {"schema": {"type": "string"}} for kind in _MEDIA_TYPES.values()},
    }
}


class NewImport(Body):
    """An import to begin; a dry run ends before anything is changed."""

    provider_id: UUID
    format: ImportFormat = ImportFormat.CSV
    dry_run: bool = False


class LineError(BaseModel):
    """What is wrong with a line; `column` is null where it is the line as a whole."""

    line: int
    column: str | None
    reason: str


class ImportAnswer(Resource):
    """An import and how far it is; `errors` are the first of `errors_found`."""

    provider_id: UUID
    format: ImportFormat
    dry_run: bool
    status: ImportStatus
    created_at: datetime
    ended_at: datetime | None
    parts: int
    bytes: int
    lines: int
    checked: int
    applied: int
    created: int
    changed: int
    unchanged: int
    errors_found: int
    errors: tuple[LineError, ...]


@router.post(
    "/catalogue/imports", permission=Permission.CATALOGUE_WRITE, response_model=ImportAnswer
)
async def post_import(body: NewImport, begin: BeginTransaction) -> CatalogueImport:
    return await start_import(body.provider_id, body.format, begin, dry_run=body.dry_run)


@router.put(
    "/catalogue/imports/{import_id}/parts/{part}",
    permission=Permission.CATALOGUE_WRITE,
    response_model=ImportAnswer,
    openapi_extra=_FILE,
)
async def put_part(
    import_id: UUID,
    part: Annotated[int, Path(ge=1, le=1_000_000)],
    request: Request,
    begin: BeginTransaction,
    settings: CurrentSettings,
) -> CatalogueImport:
    limits = (settings.catalogue_import_lines_max, settings.catalogue_import_bytes_max)
    return await add_import_part(import_id, part, await request.body(), limits, begin)


@router.post(
    "/catalogue/imports/{import_id}/submit",
    permission=Permission.CATALOGUE_WRITE,
    response_model=ImportAnswer,
    status_code=202,
)
async def post_submit(import_id: UUID, begin: BeginTransaction) -> CatalogueImport:
    return await submit_import(import_id, begin)


@router.post(
    "/catalogue/imports/{import_id}/cancel",
    permission=Permission.CATALOGUE_WRITE,
    response_model=ImportAnswer,
    status_code=200,
)
async def post_cancel(import_id: UUID, begin: BeginTransaction) -> CatalogueImport:
    return await cancel_import(import_id, begin)


@router.get(
    "/catalogue/imports", permission=Permission.CATALOGUE_WRITE, response_model=Page[ImportAnswer]
)
async def get_imports(session: Reading, paging: PagingQuery) -> dict[str, Any]:
    return await paginate(session, select(CatalogueImport), CatalogueImport.id, paging)


@router.get(
    "/catalogue/imports/{import_id}",
    permission=Permission.CATALOGUE_WRITE,
    response_model=ImportAnswer,
)
async def get_import(import_id: UUID, session: Reading) -> CatalogueImport:
    found = await session.get(CatalogueImport, import_id)
    if found is None:
        raise NotFound(f"there is no import {import_id}")
    return found


@router.get(
    "/catalogue/export",
    permission=Permission.CATALOGUE_WRITE,
    response_class=StreamingResponse,
    responses={200: {"content": {kind: {} for kind in _MEDIA_TYPES.values()}}},
)
async def get_export(
    provider_id: UUID,
    request: Request,
    session: Reading,
    actor: CurrentActor,
    format: ImportFormat = ImportFormat.CSV,  # noqa: A002 - the name of the query's field
) -> Response:
    await need_exportable(session, provider_id)
    runtime: Runtime = request.app.state.runtime

    async def lines() -> AsyncIterator[bytes]:
        # The request's own session is given back before the answer's body is sent.
        async with runtime.database.session(actor) as own:
            async for chunk in export_catalogue(own, provider_id, format):
                yield chunk

    named = {"Content-Disposition": f'attachment; filename="catalogue.{format}"'}
    return StreamingResponse(lines(), media_type=_MEDIA_TYPES[format], headers=named)
