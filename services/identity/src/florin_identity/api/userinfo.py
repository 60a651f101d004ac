"""`/oauth2/userinfo`: what an application may know of its user."""

from typing import Annotated, Any

from fastapi import Depends, Request

from florin_chassis.http.endpoint import PUBLIC, Reading, Router
from florin_identity.api.schemas import UserInfoAnswer
from florin_identity.models.application_grant import InvalidToken
from florin_identity.queries.find_userinfo import find_userinfo

router = Router(tags=["openid connect"])


async def _bearer(request: Request) -> str:
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise InvalidToken("this needs an application's access token")
    return token.strip()


Bearer = Annotated[str, Depends(_bearer)]
_ANSWER: dict[str, Any] = {
    "permission": PUBLIC,
    "response_model": UserInfoAnswer,
    "response_model_exclude_none": True,
}


@router.get("/oauth2/userinfo", **_ANSWER)
async def get_userinfo(token: Bearer, session: Reading) -> dict[str, Any]:
    return await find_userinfo(session, token)


@router.post("/oauth2/userinfo", secret_answer=True, status_code=200, **_ANSWER)
async def post_userinfo(token: Bearer, session: Reading) -> dict[str, Any]:
    return await find_userinfo(session, token)
