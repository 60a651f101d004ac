"""`/me/consents`: what a user agreed to tell applications, and may take back."""

from datetime import datetime
from typing import Any
from uuid import UUID

from florin_chassis.http.endpoint import SIGNED_IN, BeginTransaction, CurrentActor, Reading, Router
from florin_chassis.http.pages import Page, PagingQuery
from florin_identity.api.schemas import Answer
from florin_identity.queries.find_consents import list_own_consents
from florin_identity.use_cases.withdraw_consent import withdraw_consent

router = Router(tags=["openid connect"])


class ConsentAnswer(Answer):
    """An application, by its id, and the scopes that it may have of the user."""

    id: UUID
    name: str
    scopes: list[str]
    given_at: datetime


@router.get(
    "/me/consents", permission=SIGNED_IN, in_person=True, response_model=Page[ConsentAnswer]
)
async def get_consents(
    session: Reading, actor: CurrentActor, paging: PagingQuery
) -> dict[str, Any]:
    return await list_own_consents(session, actor, paging)


@router.delete("/me/consents/{application_id}", permission=SIGNED_IN, in_person=True)
async def delete_consent(application_id: UUID, begin: BeginTransaction) -> None:
    await withdraw_consent(application_id, begin)
