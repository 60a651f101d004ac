"""`/users` and `/me`: who can sign in, and who is asking."""

from typing import Any
from uuid import UUID

from fastapi import Response

from florin_chassis.finding import find_one
from florin_chassis.http.endpoint import SIGNED_IN, CurrentActor, Reading, Router
from florin_chassis.http.etags import tag
from florin_chassis.http.pages import Page, PagingQuery
from florin_contracts.permissions import Permission
from florin_identity.api.schemas import MeAnswer, UserAnswer
from florin_identity.models import User
from florin_identity.queries.find_users import find_myself, list_users

router = Router(tags=["users"])


@router.get("/users", permission=Permission.USERS_READ, response_model=Page[UserAnswer])
async def get_users(session: Reading, paging: PagingQuery) -> dict[str, Any]:
    return await list_users(session, paging)


@router.get("/users/{user_id}", permission=Permission.USERS_READ, response_model=UserAnswer)
async def get_user(user_id: UUID, session: Reading, response: Response) -> User:
    return tag(response, await find_one(session, User, user_id))


@router.get("/me", permission=SIGNED_IN, provisional=True, response_model=MeAnswer)
async def get_me(session: Reading, actor: CurrentActor) -> dict[str, Any]:
    user = await find_myself(session, actor)
    return {
        "user_id": user.id,
        "name": user.name,
        "email": user.email,
        "permissions": sorted(actor.permissions),
        "reach": {dimension: sorted(ids) for dimension, ids in actor.reach.items()},
        "everywhere": actor.everywhere,
        "impersonated_by": user.id if actor.on_behalf_of else None,
    }
