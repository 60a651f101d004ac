"""`/applications`: who lets its users sign in here."""

from datetime import timedelta
from typing import Annotated, Any
from uuid import UUID

from fastapi import Depends, Response

from florin_chassis.http.endpoint import BeginTransaction, Reading, Router
from florin_chassis.http.etags import ExpectedVersion, tag
from florin_chassis.http.pages import Page, PagingQuery
from florin_contracts.permissions import Permission
from florin_identity.api.application_schemas import (
    ApplicationAnswer,
    ApplicationChanges,
    ApplicationWithSecret,
    NewApplication,
    SecretRotation,
)
from florin_identity.api.tools import CurrentSettings, RecentProof
from florin_identity.models import Application
from florin_identity.models.application import need_application
from florin_identity.queries.find_applications import list_applications
from florin_identity.settings import Settings
from florin_identity.use_cases.change_application import change_application
from florin_identity.use_cases.register_application import register_application
from florin_identity.use_cases.remove_application import remove_application
from florin_identity.use_cases.rotate_application_secret import rotate_application_secret

router = Router(tags=["applications"])
READ, WRITE = Permission.APPLICATIONS_READ, Permission.APPLICATIONS_WRITE


def _outside(settings: Settings, columns: dict[str, Any]) -> dict[str, Any]:
    """The same; raises `Malformed` for an address that we are not to send anything to."""
    if uri := columns.get("backchannel_logout_uri"):
        settings.logout_addresses.require_url(uri, "backchannel_logout_uri")
    return columns


async def _outside_changes(body: ApplicationChanges, settings: CurrentSettings) -> dict[str, Any]:
    return _outside(settings, body.columns())


OutsideChanges = Annotated[dict[str, Any], Depends(_outside_changes)]


@router.post(
    "/applications",
    permission=WRITE,
    in_person=True,
    secret_answer=True,
    response_model=ApplicationWithSecret,
)
async def post_application(
    body: NewApplication,
    settings: CurrentSettings,
    recent: RecentProof,
    begin: BeginTransaction,
    response: Response,
) -> dict[str, Any]:
    wanted = _outside(settings, body.model_dump())
    room = settings.applications_max
    application, secret = await register_application(wanted, room, recent, begin)
    return _with_secret(tag(response, application), secret)


@router.get("/applications", permission=READ, response_model=Page[ApplicationAnswer])
async def get_applications(session: Reading, paging: PagingQuery) -> dict[str, Any]:
    return await list_applications(session, paging)


@router.get("/applications/{application_id}", permission=READ, response_model=ApplicationAnswer)
async def get_application(
    application_id: UUID, session: Reading, response: Response
) -> Application:
    return tag(response, await need_application(session, application_id))


@router.patch(
    "/applications/{application_id}",
    permission=WRITE,
    in_person=True,
    response_model=ApplicationAnswer,
)
async def patch_application(
    application_id: UUID,
    changes: OutsideChanges,
    expected: ExpectedVersion,
    recent: RecentProof,
    begin: BeginTransaction,
    response: Response,
) -> Application:
    changed = await change_application(application_id, changes, expected, recent, begin)
    return tag(response, changed)


@router.delete("/applications/{application_id}", permission=WRITE)
async def delete_application(
    application_id: UUID, expected: ExpectedVersion, begin: BeginTransaction
) -> None:
    await remove_application(application_id, expected, begin)


@router.post(
    "/applications/{application_id}/secrets",
    permission=WRITE,
    in_person=True,
    secret_answer=True,
    response_model=ApplicationWithSecret,
)
async def post_application_secret(
    application_id: UUID,
    body: SecretRotation,
    expected: ExpectedVersion,
    recent: RecentProof,
    begin: BeginTransaction,
    response: Response,
) -> dict[str, Any]:
    overlap = timedelta(hours=body.overlap_hours)
    application, secret = await rotate_application_secret(
        application_id, overlap, expected, recent, begin
    )
    return _with_secret(tag(response, application), secret)


def _with_secret(application: Application, secret: str | None) -> dict[str, Any]:
    answer = ApplicationAnswer.model_validate(application).model_dump()
    return answer | {"client_secret": secret}
