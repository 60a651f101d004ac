"""`/scim/v2/Users`: employees, provisioned by a company directory."""

from typing import Any, Final

from fastapi import Request, Response
from scim2_models import Context, MutabilityException, PatchOp, ResponseParameters
from sqlalchemy.ext.asyncio import AsyncSession

from florin_chassis.errors import NotFound
from florin_chassis.finding import find_one
from florin_chassis.http.endpoint import BeginTransaction, Reading, Router
from florin_contracts.providers import EmployeeStatus
from florin_providers.api.scim.listing import list_users, listed, search_in_body, search_in_url
from florin_providers.api.scim.resources import User
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
from florin_providers.api.scim.translating import person_of, user_of
from florin_providers.api.scim.versions import (
    expected_version,
    is_known,
    require_match,
    version_of_user,
)
from florin_providers.models import DirectoryPerson, Employee
from florin_providers.queries.find_provisioned import names_of_departments
from florin_providers.use_cases.end_employee import end_employee
from florin_providers.use_cases.provision_employee import provision_employee
from florin_providers.use_cases.reprovision_employee import reprovision_employee

router = Router(tags=["scim"])
ONE: Final = "/scim/v2/Users/{id}"
Parameters = ResponseParameters[Any]


@router.post("/scim/v2/Users", **WRITE)
async def create_user(request: Request, begin: BeginTransaction, session: Reading) -> Response:
    parameters = read_parameters(request, User)
    user = await read_body(request, User, Context.RESOURCE_CREATION_REQUEST)
    employee = await provision_employee(person_of(user), begin)
    return await _answer(employee, parameters, request, session, status=201)


@router.get("/scim/v2/Users", **READ)
async def get_users(request: Request, session: Reading) -> Response:
    search = search_in_url(request, User)
    return listed(await list_users(session, search, base_of(request)), search, User)


@router.post("/scim/v2/Users/.search", **READ, status_code=200)
async def search_users(request: Request, session: Reading) -> Response:
    search = await search_in_body(request, User)
    return listed(await list_users(session, search, base_of(request)), search, User)


@router.get(ONE, **READ)
async def get_user(id: str, request: Request, session: Reading) -> Response:
    employee = await find_one(session, Employee, read_id(id, "user"))
    if employee.status is EmployeeStatus.ENDED:
        raise NotFound(f"there is no user {id}")
    if is_known(request, version_of_user(employee)):
        return Response(status_code=304, headers={"ETag": version_of_user(employee)})
    return await _answer(employee, read_parameters(request, User), request, session)


@router.put(ONE, **WRITE)
async def replace_user(
    id: str, request: Request, begin: BeginTransaction, session: Reading
) -> Response:
    parameters = read_parameters(request, User)
    user = await read_body(request, User, Context.RESOURCE_REPLACEMENT_REQUEST)

    def replaced(employee: Employee) -> DirectoryPerson:
        require_match(request, version_of_user(employee))
        return person_of(user, employee)

    employee = await reprovision_employee(read_id(id, "user"), replaced, begin)
    return await _answer(employee, parameters, request, session)


@router.patch(ONE, **WRITE)
async def patch_user(
    id: str, request: Request, begin: BeginTransaction, session: Reading
) -> Response:
    parameters = read_parameters(request, User)
    patch = await read_body(request, PatchOp[User], Context.RESOURCE_PATCH_REQUEST)

    def patched(employee: Employee) -> DirectoryPerson:
        require_match(request, version_of_user(employee))
        user = user_of(employee, {}, "")
        with spoken():
            patch.patch(user)
            if user.active is None or not user.display_name or not user.emails:
                raise MutabilityException(detail="active, displayName and emails always are")
        return person_of(user, employee)

    employee = await reprovision_employee(read_id(id, "user"), patched, begin)
    return await _answer(employee, parameters, request, session)


@router.delete(ONE, **WRITE)
async def delete_user(id: str, request: Request, begin: BeginTransaction) -> Response:
    """A user that is deleted is an employee that has left: its row stays, for what it did."""
    await end_employee(read_id(id, "user"), expected_version(request), begin)
    return Response(status_code=204)


async def _answer(
    employee: Employee,
    parameters: Parameters,
    request: Request,
    session: AsyncSession,
    status: int = 200,
) -> Response:
    names = await names_of_departments(session, employee.department_ids)
    user = user_of(employee, names, base_of(request))
    return answer(user, parameters, status=status)
