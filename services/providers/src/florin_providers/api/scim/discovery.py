"""`/scim/v2`: what the service says of itself, and what concerns users and groups together."""

from typing import Final

from fastapi import Request, Response
from scim2_models import ResourceType, Schema

from florin_chassis.errors import NotFound
from florin_chassis.http.endpoint import Reading, Router
from florin_contracts.permissions import Permission
from florin_providers.api.scim.description import configuration, resource_types, schemas
from florin_providers.api.scim.listing import described, list_all, listed, search_in_body
from florin_providers.api.scim.resources import Group, User
from florin_providers.api.scim.speaking import answer, base_of, refuse

router = Router(tags=["scim"])
READ: Final = {"permission": Permission.STAFF_READ, "refusing": refuse}


@router.get("/scim/v2/ServiceProviderConfig", **READ)
async def get_configuration(request: Request) -> Response:
    return answer(configuration(base_of(request)))


@router.get("/scim/v2/Schemas", **READ)
async def get_schemas(request: Request) -> Response:
    return described(list(schemas(base_of(request)).values()), request, Schema)


@router.get("/scim/v2/Schemas/{id}", **READ)
async def get_schema(id: str, request: Request) -> Response:
    schema = schemas(base_of(request)).get(id)
    if schema is None:
        raise NotFound(f"there is no schema {id}")
    return answer(schema)


@router.get("/scim/v2/ResourceTypes", **READ)
async def get_resource_types(request: Request) -> Response:
    return described(list(resource_types(base_of(request)).values()), request, ResourceType)


@router.get("/scim/v2/ResourceTypes/{id}", **READ)
async def get_resource_type(id: str, request: Request) -> Response:
    kind = resource_types(base_of(request)).get(id)
    if kind is None:
        raise NotFound(f"there is no resource type {id}")
    return answer(kind)


@router.post("/scim/v2/.search", **READ, status_code=200)
async def search_all(request: Request, session: Reading) -> Response:
    search = await search_in_body(request, User | Group)
    return listed(await list_all(session, search, base_of(request)), search, User | Group)


@router.get("/scim/v2/{path:path}", **READ)
async def get_nothing(path: str) -> Response:
    """Whatever else is asked for is refused in SCIM's words too."""
    raise NotFound(f"there is no {path}")
