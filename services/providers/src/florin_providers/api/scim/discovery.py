"""`/scim/v2`: what the service says of itself, and what concerns users and groups together."""

from fastapi import Request, Response
from scim2_models import ResourceType, Schema

from florin_chassis.errors import NotFound
from florin_chassis.http.endpoint import Reading, Router
from florin_providers.api.scim.description import configuration, resource_types, schemas
from florin_providers.api.scim.listing import described, list_all, listed, search_in_body
from florin_providers.api.scim.resources import Group, User
from florin_providers.api.scim.speaking import READ, NotScim, answer, base_of
from florin_providers.api.tools import CurrentSettings

router = Router(tags=["scim"])


@router.get("/scim/v2/ServiceProviderConfig", **READ)
async def get_configuration(request: Request, settings: CurrentSettings) -> Response:
    return answer(configuration(base_of(request), settings.body_bytes_max))


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


async def ask_of_me() -> Response:
    """A directory acts as a program, which is no user (RFC 7644, section 3.11)."""
    raise NotScim("there is no /Me here: ask for the user by its id", None, 501)


for declare in (router.get, router.post, router.put, router.patch, router.delete):
    declare("/scim/v2/Me", **READ)(ask_of_me)


@router.get("/scim/v2/{path:path}", **READ)
async def get_nothing(path: str) -> Response:
    """Whatever else is asked for is refused in SCIM's words too."""
    raise NotFound(f"there is no {path}")
