"""`/departments`: groups of employees, and the rights that they give; who works when."""

from datetime import UTC, datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import Depends, Response

from florin_chassis.finding import find_one
from florin_chassis.http.bodies import Instant
from florin_chassis.http.endpoint import BeginTransaction, Reading, Router
from florin_chassis.http.etags import ExpectedVersion, tag
from florin_chassis.http.pages import Page, PagingQuery
from florin_contracts.permissions import Permission
from florin_contracts.providers import Opening, opening_at
from florin_providers.api.department_schemas import (
    DepartmentAnswer,
    DepartmentChanges,
    NewDepartment,
    SupportDepartmentAnswer,
)
from florin_providers.api.languages import WantedLanguages, chosen
from florin_providers.models import Department
from florin_providers.queries.list_staff import list_departments, list_support_departments
from florin_providers.use_cases.change_department import change_department
from florin_providers.use_cases.create_department import create_department
from florin_providers.use_cases.remove_department import remove_department

router = Router(tags=["staff"])
READ, WRITE = Permission.STAFF_READ, Permission.STAFF_WRITE
ONE = "/departments/{department_id}"


async def _at(at: Instant | None = None) -> datetime:
    return at or datetime.now(UTC)


At = Annotated[datetime, Depends(_at)]
"""The moment that is asked about; now unless it is said."""


@router.post("/departments", permission=WRITE, response_model=DepartmentAnswer)
async def post_department(
    body: NewDepartment, begin: BeginTransaction, response: Response
) -> Department:
    return tag(response, await create_department(Department.new(**body.columns()), begin))


@router.get("/departments", permission=READ, response_model=Page[DepartmentAnswer])
async def get_departments(session: Reading, paging: PagingQuery) -> dict[str, Any]:
    return await list_departments(session, paging)


@router.get(ONE, permission=READ, response_model=DepartmentAnswer)
async def get_department(department_id: UUID, session: Reading, response: Response) -> Department:
    return tag(response, await find_one(session, Department, department_id))


@router.patch(ONE, permission=WRITE, response_model=DepartmentAnswer)
async def patch_department(
    department_id: UUID,
    body: DepartmentChanges,
    expected: ExpectedVersion,
    begin: BeginTransaction,
    response: Response,
) -> Department:
    return tag(response, await change_department(department_id, body.columns(), expected, begin))


@router.delete(ONE, permission=WRITE)
async def delete_department(
    department_id: UUID, expected: ExpectedVersion, begin: BeginTransaction
) -> None:
    await remove_department(department_id, expected, begin)


@router.get(f"{ONE}/opening", permission=READ, response_model=Opening)
async def get_opening(department_id: UUID, session: Reading, at: At) -> Opening:
    department = await find_one(session, Department, department_id)
    return opening_at(department.business_hours, at)


@router.get(
    "/support-departments",
    permission=Permission.SUPPORT_READ,
    response_model=Page[SupportDepartmentAnswer],
)
async def get_support_departments(
    session: Reading, paging: PagingQuery, at: At, wanted: WantedLanguages, response: Response
) -> dict[str, Any]:
    response.headers["Vary"] = "Accept-Language"
    page = await list_support_departments(session, paging)
    return page | {"data": [_shown(one, wanted, at) for one in page["data"]]}


def _shown(department: Department, wanted: tuple[str, ...], at: datetime) -> dict[str, Any]:
    locale = chosen(wanted, department.names)
    return {
        "id": department.id,
        "name": department.names[locale] if locale else department.name,
        "locale": locale,
        "business_hours": department.business_hours,
        "opening": opening_at(department.business_hours, at),
    }
