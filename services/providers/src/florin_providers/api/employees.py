"""`/employees`: who works for the providers, with which rights, from invitation to leaving."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Annotated, Any
from uuid import UUID

from fastapi import Depends, Response
from sqlalchemy.ext.asyncio import AsyncSession

from florin_chassis.finding import find_one
from florin_chassis.http.endpoint import BeginTransaction, Reading, Router
from florin_chassis.http.etags import ExpectedVersion, tag
from florin_chassis.http.pages import Page, PagingQuery
from florin_contracts.permissions import Permission
from florin_providers.api.schemas import (
    EmployeeAnswer,
    EmployeeChanges,
    EmployeeFields,
    NewEmployee,
)
from florin_providers.models import Employee, refused_among
from florin_providers.queries.list_staff import list_employees
from florin_providers.use_cases.change_employee import change_employee
from florin_providers.use_cases.end_employee import end_employee
from florin_providers.use_cases.invite_employee import invite_employee
from florin_providers.use_cases.resume_employee import resume_employee
from florin_providers.use_cases.suspend_employee import suspend_employee

router = Router(tags=["staff"])
READ, WRITE = Permission.STAFF_READ, Permission.STAFF_WRITE
ONE = "/employees/{employee_id}"
Told = dict[str, Any]
Telling = Callable[[Employee], Awaitable[Told]]


async def _with_logins(session: AsyncSession, employees: Sequence[Employee]) -> list[Told]:
    refused = await refused_among(session, employees)
    return [
        EmployeeFields.model_validate(one).model_dump() | {"refused_because": refused.get(one.id)}
        for one in employees
    ]


async def _telling(session: Reading, response: Response) -> Telling:
    async def tell(employee: Employee) -> Told:
        (told,) = await _with_logins(session, [tag(response, employee)])
        return told

    return tell


Tell = Annotated[Telling, Depends(_telling)]


@router.post("/employees", permission=WRITE, response_model=EmployeeAnswer)
async def post_employee(body: NewEmployee, begin: BeginTransaction, tell: Tell) -> Told:
    return await tell(await invite_employee(**body.model_dump(), begin=begin))


@router.get("/employees", permission=READ, response_model=Page[EmployeeAnswer])
async def get_employees(session: Reading, paging: PagingQuery) -> dict[str, Any]:
    page = await list_employees(session, paging)
    return page | {"data": await _with_logins(session, page["data"])}


@router.get(ONE, permission=READ, response_model=EmployeeAnswer)
async def get_employee(employee_id: UUID, session: Reading, tell: Tell) -> Told:
    return await tell(await find_one(session, Employee, employee_id))


@router.patch(ONE, permission=WRITE, response_model=EmployeeAnswer)
async def patch_employee(
    employee_id: UUID,
    body: EmployeeChanges,
    expected: ExpectedVersion,
    begin: BeginTransaction,
    tell: Tell,
) -> Told:
    return await tell(await change_employee(employee_id, body.columns(), expected, begin))


@router.post(f"{ONE}/suspend", permission=WRITE, status_code=200, response_model=EmployeeAnswer)
async def post_suspend(
    employee_id: UUID, expected: ExpectedVersion, begin: BeginTransaction, tell: Tell
) -> Told:
    return await tell(await suspend_employee(employee_id, expected, begin))


@router.post(f"{ONE}/resume", permission=WRITE, status_code=200, response_model=EmployeeAnswer)
async def post_resume(
    employee_id: UUID, expected: ExpectedVersion, begin: BeginTransaction, tell: Tell
) -> Told:
    return await tell(await resume_employee(employee_id, expected, begin))


@router.post(f"{ONE}/end", permission=WRITE, status_code=200, response_model=EmployeeAnswer)
async def post_end(
    employee_id: UUID, expected: ExpectedVersion, begin: BeginTransaction, tell: Tell
) -> Told:
    return await tell(await end_employee(employee_id, expected, begin))
