"""`/departments`: groups of employees, and the rights that they give."""

from typing import Any
from uuid import UUID

from fastapi import Response

from florin_chassis.finding import find_one
from florin_chassis.http.endpoint import BeginTransaction, Reading, Router
from florin_chassis.http.etags import ExpectedVersion, tag
from florin_chassis.http.pages import Page, PagingQuery
from florin_contracts.permissions import Permission
from florin_providers.api.schemas import DepartmentAnswer, DepartmentChanges, NewDepartment
from florin_providers.models import Department
from florin_providers.queries.list_staff import list_departments
from florin_providers.use_cases.change_department import change_department
from florin_providers.use_cases.create_department import create_department
from florin_providers.use_cases.remove_department import remove_department

router = Router(tags=["staff"])
READ, WRITE = Permission.STAFF_READ, Permission.STAFF_WRITE
ONE = "/departments/{department_id}"


@router.post("/departments", permission=WRITE, response_model=DepartmentAnswer)
async def post_department(
    body: NewDepartment, begin: BeginTransaction, response: Response
) -> Department:
    return tag(response, await create_department(**body.model_dump(), begin=begin))


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
