"""`/providers/{id}/icon`: the picture of a brand, for everybody who is signed in."""

from uuid import UUID

from fastapi import Response

from florin_chassis.http.endpoint import SIGNED_IN, BeginTransaction, Reading, Router
from florin_chassis.http.etags import ExpectedVersion, tag
from florin_contracts.permissions import Permission
from florin_providers.api.pictures import ANSWERED, SENT, IfNoneMatch, SentPicture, shown
from florin_providers.api.provider_schemas import ProviderAnswer
from florin_providers.models import Provider, Purpose
from florin_providers.queries.find_picture import find_picture
from florin_providers.use_cases.show_provider_icon import show_provider_icon

router = Router(tags=["providers"])


@router.put(
    "/providers/{provider_id}/icon",
    permission=Permission.PROVIDERS_WRITE,
    response_model=ProviderAnswer,
    openapi_extra=SENT,
)
async def put_icon(
    provider_id: UUID,
    picture: SentPicture,
    expected: ExpectedVersion,
    begin: BeginTransaction,
    response: Response,
) -> Provider:
    return tag(response, await show_provider_icon(provider_id, picture, expected, begin))


@router.get(
    "/providers/{provider_id}/icon",
    permission=SIGNED_IN,
    response_class=Response,
    responses=ANSWERED,
)
async def get_icon(
    provider_id: UUID, session: Reading, if_none_match: IfNoneMatch = None
) -> Response:
    return shown(await find_picture(session, Provider, provider_id, Purpose.ICON), if_none_match)


@router.delete("/providers/{provider_id}/icon", permission=Permission.PROVIDERS_WRITE)
async def delete_icon(
    provider_id: UUID, expected: ExpectedVersion, begin: BeginTransaction
) -> None:
    await show_provider_icon(provider_id, None, expected, begin)
