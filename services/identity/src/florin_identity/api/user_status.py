"""`/users/{user_id}/suspend` and `resume`: who may sign in at all."""

from uuid import UUID

from fastapi import Response

from florin_chassis.http.endpoint import BeginTransaction, Router
from florin_chassis.http.etags import ExpectedVersion, tag
from florin_contracts.permissions import Permission
from florin_identity.api.schemas import UserAnswer
from florin_identity.models import User
from florin_identity.use_cases.resume_user import resume_user
from florin_identity.use_cases.suspend_user import suspend_user

router = Router(tags=["users"])


@router.post(
    "/users/{user_id}/suspend",
    permission=Permission.USERS_WRITE,
    status_code=200,
    response_model=UserAnswer,
)
async def post_suspend(
    user_id: UUID, expected: ExpectedVersion, begin: BeginTransaction, response: Response
) -> User:
    return tag(response, await suspend_user(user_id, expected, begin))


@router.post(
    "/users/{user_id}/resume",
    permission=Permission.USERS_WRITE,
    status_code=200,
    response_model=UserAnswer,
)
async def post_resume(
    user_id: UUID, expected: ExpectedVersion, begin: BeginTransaction, response: Response
) -> User:
    return tag(response, await resume_user(user_id, expected, begin))
