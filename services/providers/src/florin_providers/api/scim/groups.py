"""`/scim/v2/Groups`: departments, provisioned by a company directory."""

from typing import Any, Final

from fastapi import Request, Response
from scim2_models import Context, PatchOp, ResponseParameters
from sqlalchemy.ext.asyncio import AsyncSession

from florin_chassis.errors import NotFound
from florin_chassis.finding import find_one
from florin_chassis.http.endpoint import BeginTransaction, Reading, Router
from florin_providers.api.scim.listing import list_groups, listed, search_in_body, search_in_url
from florin_providers.api.scim.resources import Group
from florin_providers.api.scim.speaking import (
    READ,
    WRITE,
    answer,
    base_of,
    read_body,
    read_id,
    read_parameters,
    spoken,
)
from florin_providers.api.scim.translating import directory_group_of, group_of
from florin_providers.api.scim.versions import is_known, require_match, version_of_group
from florin_providers.models import Department, DirectoryGroup
from florin_providers.queries.find_provisioned import ids_of_members
from florin_providers.use_cases.provision_department import provision_department
from florin_providers.use_cases.remove_department import remove_department
from florin_providers.use_cases.reprovision_department import Members, reprovision_department

router = Router(tags=["scim"])
ONE: Final = "/scim/v2/Groups/{id}"
Parameters = ResponseParameters[Any]


@router.post("/scim/v2/Groups", **WRITE)
async def create_group(request: Request, begin: BeginTransaction, session: Reading) -> Response:
    parameters = read_parameters(request, Group)
    group = await read_body(request, Group, Context.RESOURCE_CREATION_REQUEST)
    department = await provision_department(directory_group_of(group), begin)
    return await _answer(department, parameters, request, session, status=201)


@router.get("/scim/v2/Groups", **READ)
async def get_groups(request: Request, session: Reading) -> Response:
    search = search_in_url(request, Group)
    return listed(await list_groups(session, search, base_of(request)), search, Group)


@router.post("/scim/v2/Groups/.search", **READ, status_code=200)
async def search_groups(request: Request, session: Reading) -> Response:
    search = await search_in_body(request, Group)
    return listed(await list_groups(session, search, base_of(request)), search, Group)


@router.get(ONE, **READ)
async def get_group(id: str, request: Request, session: Reading) -> Response:
    department, version = await _present(id, session)
    if is_known(request, version):
        return Response(status_code=304, headers={"ETag": version})
    return await _answer(department, read_parameters(request, Group), request, session)


@router.put(ONE, **WRITE)
async def replace_group(
    id: str, request: Request, begin: BeginTransaction, session: Reading
) -> Response:
    parameters = read_parameters(request, Group)
    group = await read_body(request, Group, Context.RESOURCE_REPLACEMENT_REQUEST)

    def replaced(department: Department, members: Members) -> DirectoryGroup:
        require_match(request, version_of_group(department, members))
        return directory_group_of(group)

    department = await reprovision_department(read_id(id, "group"), replaced, begin)
    return await _answer(department, parameters, request, session)


@router.patch(ONE, **WRITE)
async def patch_group(
    id: str, request: Request, begin: BeginTransaction, session: Reading
) -> Response:
    parameters = read_parameters(request, Group)
    patch = await read_body(request, PatchOp[Group], Context.RESOURCE_PATCH_REQUEST)

    def patched(department: Department, members: Members) -> DirectoryGroup:
        require_match(request, version_of_group(department, members))
        group = group_of(department, members, base_of(request))
        with spoken():
            patch.patch(group)
        return directory_group_of(group)

    department = await reprovision_department(read_id(id, "group"), patched, begin)
    return await _answer(department, parameters, request, session)


@router.delete(ONE, **WRITE)
async def delete_group(
    id: str, request: Request, begin: BeginTransaction, session: Reading
) -> Response:
    """Whoever is in it leaves it, and goes on working."""
    department, version = await _present(id, session)
    require_match(request, version)
    await remove_department(department.id, department.version, begin)
    return Response(status_code=204)


async def _present(id_: str, session: AsyncSession) -> tuple[Department, str]:
    department = await find_one(session, Department, read_id(id_, "group"))
    if department.removed:
        raise NotFound(f"there is no group {id_}")
    return department, version_of_group(department, await ids_of_members(session, department.id))


async def _answer(
    department: Department,
    parameters: Parameters,
    request: Request,
    session: AsyncSession,
    status: int = 200,
) -> Response:
    members = await ids_of_members(session, department.id)
    return answer(group_of(department, members, base_of(request)), parameters, status=status)
