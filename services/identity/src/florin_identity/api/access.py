"""`/access`: what there is to be allowed, and why a user may do a thing, or may not."""

from datetime import timedelta
from typing import Annotated, Any
from uuid import UUID

from fastapi import Query
from pydantic import BaseModel, Field

from florin_chassis.errors import Malformed
from florin_chassis.http.endpoint import PUBLIC, SIGNED_IN, CurrentActor, Reading, Router
from florin_contracts.operations import operation_of
from florin_contracts.permissions import CLIENT_ROLES, MEANINGS, SECTIONS, Permission
from florin_identity.api.access_schemas import CatalogueAnswer, ExplanationAnswer
from florin_identity.api.tools import CurrentSettings
from florin_identity.queries.explain_access import Act, Place, explain_access

router = Router(tags=["access"])


class Asked(BaseModel):
    """May who do what where: a thing that needs a permission, or an operation of the API.

    Of an operation it is known what else it asks for. Its `path` is one of a request, or has
    `{parameters}`.
    """

    permission: Permission | None = None
    method: Annotated[str | None, Field(max_length=10)] = None
    path: Annotated[str | None, Field(max_length=500)] = None
    user_id: UUID | None = None
    provider_id: UUID | None = None
    client_id: UUID | None = None

    def act(self, recent: timedelta) -> Act:
        """What is to be done; raises `Malformed`."""
        if self.permission is not None and self.method is None and self.path is None:
            return Act(self.permission)
        if self.permission is not None or self.method is None or self.path is None:
            raise Malformed.field("permission", "name it, or an operation by method and path")
        operation = operation_of(self.method, self.path)
        if operation is None:
            raise Malformed.field("path", f"there is no {self.method} {self.path}")
        named = operation.permission not in {PUBLIC, SIGNED_IN}
        return Act(
            Permission(operation.permission) if named else None,
            in_person=operation.in_person,
            recent_proof=recent if operation.recent_proof else None,
            provisional=operation.provisional,
            public=operation.permission == PUBLIC,
        )


@router.get(
    "/access/explain", permission=SIGNED_IN, provisional=True, response_model=ExplanationAnswer
)
async def get_explanation(
    session: Reading,
    actor: CurrentActor,
    asked: Annotated[Asked, Query()],
    settings: CurrentSettings,
) -> dict[str, Any]:
    if asked.provider_id is not None and asked.client_id is not None:
        raise Malformed.field("client_id", "name a provider or a client, not both")
    place = Place(asked.provider_id, asked.client_id)
    act = asked.act(timedelta(seconds=settings.recent_proof_s))
    found = await explain_access(session, actor, asked.user_id, act, place)
    return {
        "user_id": found.user_id,
        "permission": found.permission,
        "allowed": found.allowed,
        "verdict": found.verdict,
        "obstacles": found.obstacles,
        "explanation": found.explanation,
        "because": found.because,
        "everywhere": found.reach.everywhere,
        "provider_ids": sorted(found.reach.reach.get("provider", ())),
        "client_ids": sorted(found.reach.reach.get("client", ())),
        "missing_department_ids": found.missing,
    }


@router.get("/access/permissions", permission=SIGNED_IN, response_model=CatalogueAnswer)
async def get_permissions() -> dict[str, Any]:
    single = frozenset(Permission) - frozenset[Permission]().union(*SECTIONS.values())
    groups: dict[Any, frozenset[Permission]] = {**SECTIONS, None: single}
    return {
        "sections": [
            {
                "section": section,
                "permissions": [
                    {"permission": one, "meaning": MEANINGS[one]} for one in sorted(permissions)
                ],
            }
            for section, permissions in groups.items()
        ],
        "roles": [
            {"role": role, "permissions": sorted(permissions)}
            for role, permissions in CLIENT_ROLES.items()
        ],
    }
