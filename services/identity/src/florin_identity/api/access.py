"""`/access`: what there is to be allowed, and why a user may do a thing, or may not."""

from typing import Any
from uuid import UUID

from florin_chassis.errors import Malformed
from florin_chassis.http.endpoint import SIGNED_IN, CurrentActor, Reading, Router
from florin_contracts.permissions import CLIENT_ROLES, MEANINGS, SECTIONS, Permission
from florin_identity.api.access_schemas import CatalogueAnswer, ExplanationAnswer
from florin_identity.queries.explain_access import Place, explain_access

router = Router(tags=["access"])


@router.get("/access/explain", permission=SIGNED_IN, response_model=ExplanationAnswer)
async def get_explanation(
    session: Reading,
    actor: CurrentActor,
    permission: Permission,
    user_id: UUID | None = None,
    provider_id: UUID | None = None,
    client_id: UUID | None = None,
) -> dict[str, Any]:
    if provider_id is not None and client_id is not None:
        raise Malformed.field("client_id", "name a provider or a client, not both")
    place = Place(provider_id, client_id)
    found = await explain_access(session, actor, user_id, permission, place)
    return {
        "user_id": found.user_id,
        "permission": found.permission,
        "allowed": found.allowed,
        "verdict": found.verdict,
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
