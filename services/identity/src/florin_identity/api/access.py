"""`/access`: what there is to be allowed, and why a user may do a thing, or may not."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import Query
from pydantic import BaseModel

from florin_chassis.errors import Malformed
from florin_chassis.http.endpoint import SIGNED_IN, CurrentActor, Reading, Router
from florin_contracts.permissions import CLIENT_ROLES, MEANINGS, SECTIONS, Permission
from florin_identity.api.access_schemas import CatalogueAnswer, ExplanationAnswer
from florin_identity.api.tools import RecentProof
from florin_identity.queries.explain_access import Act, Place, explain_access

router = Router(tags=["access"])


class Asked(BaseModel):
    """May who do what where: `in_person` and `recent_proof` say what else its endpoint asks for."""

    permission: Permission
    user_id: UUID | None = None
    provider_id: UUID | None = None
    client_id: UUID | None = None
    in_person: bool = False
    recent_proof: bool = False


@router.get(
    "/access/explain", permission=SIGNED_IN, provisional=True, response_model=ExplanationAnswer
)
async def get_explanation(
    session: Reading, actor: CurrentActor, asked: Annotated[Asked, Query()], recent: RecentProof
) -> dict[str, Any]:
    if asked.provider_id is not None and asked.client_id is not None:
        raise Malformed.field("client_id", "name a provider or a client, not both")
    place = Place(asked.provider_id, asked.client_id)
    act = Act(asked.permission, asked.in_person, recent if asked.recent_proof else None)
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
