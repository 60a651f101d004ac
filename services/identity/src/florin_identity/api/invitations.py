"""`/invitations`: invited users set their passwords; who may invite renews invitations."""

from datetime import timedelta
from uuid import UUID

from fastapi import Response

from florin_chassis.http.endpoint import PUBLIC, BeginTransaction, Router
from florin_chassis.http.etags import tag
from florin_contracts.permissions import Permission
from florin_identity.api.schemas import AcceptedInvitation, InvitationAnswer, UserAnswer
from florin_identity.api.tools import CurrentHasher, CurrentSettings
from florin_identity.models import User
from florin_identity.models.invitation import Invited
from florin_identity.use_cases.accept_invitation import accept_invitation
from florin_identity.use_cases.renew_invitation import renew_invitation

router = Router(tags=["invitations"])


@router.post(
    "/invitations/accept",
    permission=PUBLIC,
    secret_answer=True,
    status_code=200,
    response_model=UserAnswer,
)
async def post_accepted_invitation(
    body: AcceptedInvitation, hasher: CurrentHasher, begin: BeginTransaction, response: Response
) -> User:
    token, password = body.token.get_secret_value(), body.password.get_secret_value()
    return tag(response, await accept_invitation(token, password, hasher, begin))


@router.post(
    "/users/{user_id}/invitation",
    permission=Permission.USERS_INVITE,
    in_person=True,
    secret_answer=True,
    response_model=InvitationAnswer,
)
async def post_invitation(
    user_id: UUID, settings: CurrentSettings, begin: BeginTransaction
) -> Invited:
    life = timedelta(hours=settings.invitation_life_hours)
    return await renew_invitation(user_id, life, begin)
