"""`/departments` and `/employees`: who works for the providers, and with which rights."""

from typing import Any
from uuid import UUID

from fastapi import Response

from florin_chassis.finding import find_one
from florin_chassis.http.endpoint import BeginTransaction, Reading, Router
from florin_chassis.http.etags import tag
from florin_chassis.http.pages import Page, PagingQuery
from florin_contracts.permissions import Permission
from florin_providers.api.schemas import (
    DepartmentAnswer,
    EmployeeAnswer,
    NewDepartment,
    NewEmployee,
)
from florin_providers.models import Department, Employee
from florin_providers.queries.list_staff import list_departments, list_employees
from florin_providers.use_cases.create_department import create_department
from florin_providers.use_cases.invite_employee import invite_employee

router = Router(tags=["staff"])


@router.post("/departments", permission=Permission.STAFF_WRITE, response_model=DepartmentAnswer)
async def post_department(
    body: NewDepartment, begin: BeginTransaction, response: Response
) -> Department:
    return tag(response, await create_department(**body.model_dump(), begin=begin))


@router.get("/departments", permission=Permission.STAFF_READ, response_model=Page[DepartmentAnswer])
async def get_departments(session: Reading, paging: PagingQuery) -> dict[str, Any]:
    return await list_departments(session, paging)


@router.post("/employees", permission=Permission.STAFF_WRITE, response_model=EmployeeAnswer)
async def post_employee(body: NewEmployee, begin: BeginTransaction, response: Response) -> Employee:
    return tag(response, await invite_employee(**body.model_dump(), begin=begin))


@router.get("/employees", permission=Permission.STAFF_READ, response_model=Page[EmployeeAnswer])
async def get_employees(session: Reading, paging: PagingQuery) -> dict[str, Any]:
    return await list_employees(session, paging)


@router.get(
    "/employees/{employee_id}", permission=Permission.STAFF_READ, response_model=EmployeeAnswer
)
async def get_employee(employee_id: UUID, session: Reading, response: Response) -> Employee:
    return tag(response, await find_one(session, Employee, employee_id))
