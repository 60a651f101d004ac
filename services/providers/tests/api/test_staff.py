"""`/departments` and `/employees` over HTTP: nobody grants what it does not hold itself."""

from typing import Any

import pytest
from services.providers.tests.making import (
    NOBODY,
    administrator,
    department,
    employee_of,
    made,
    provider,
)

from florin_chassis.testing.harness import Harness
from florin_contracts.permissions import Permission
from florin_contracts.providers import DepartmentCreated, EmployeeInvited

PERSON: dict[str, Any] = {"name": "Ada", "email": "ada@n-1.example"}


async def test_a_created_department_is_stated_with_its_whole_state(providers: Harness) -> None:
    created = await department(providers, permissions=["clients:read"])
    (event,) = await providers.stated(DepartmentCreated)
    assert event["data"] == created
    assert created["sections"] == ["support"]
    assert created["permissions"] == ["clients:read"]


async def test_departments_are_seen_by_every_employee_that_may_read_staff(
    providers: Harness,
) -> None:
    created = await department(providers)
    listed = await providers.http.get("/departments", headers=employee_of(providers, NOBODY))
    assert listed.json()["data"] == [created]
    client = providers.signed_in("staff:read", reach={"client": [NOBODY]})
    assert (await providers.http.get("/departments", headers=client)).json()["data"] == []


@pytest.mark.parametrize(
    "rights",
    [{"sections": ["support"]}, {"permissions": ["support:handle"]}],
    ids=["by section", "by permission"],
)
async def test_a_department_cannot_be_given_rights_that_its_maker_does_not_hold(
    providers: Harness, rights: dict[str, Any]
) -> None:
    headers = providers.signed_in("staff:write", "support:read", everywhere=True)
    answer = await providers.http.post(
        "/departments", json={"name": "support", **rights}, headers=headers
    )
    assert (answer.status_code, answer.json()["code"]) == (403, "grants_more_than_held")
    assert answer.json()["permissions"] == ["support:handle"]
    assert await providers.stated() == []


async def test_a_department_may_be_given_the_rights_that_its_maker_holds(
    providers: Harness,
) -> None:
    headers = providers.signed_in("staff:write", "support:read", "support:handle", everywhere=True)
    answer = await providers.http.post(
        "/departments", json={"name": "support", "sections": ["support"]}, headers=headers
    )
    assert answer.status_code == 201


async def test_an_invited_employee_is_stated_with_its_whole_state(providers: Harness) -> None:
    seller = (await provider(providers))["id"]
    support = (await department(providers))["id"]
    body = PERSON | {
        "email": "Ada@N-1.example",
        "provider_ids": [seller],
        "department_ids": [support],
        "permissions": ["clients:read"],
    }
    created = await made(providers, "/employees", body)
    (event,) = await providers.stated(EmployeeInvited)
    assert event["data"] | {"refused_because": None} == created
    facts = {
        "email": "ada@n-1.example",
        "status": "invited",
        "administrator": False,
        "external_id": None,
        "refused_because": None,
    }
    assert created == body | facts | {"id": created["id"]}
    answer = await providers.http.get(
        f"/employees/{created['id']}", headers=administrator(providers)
    )
    assert (answer.json(), answer.headers["ETag"]) == (created, '"1"')


async def test_an_email_address_belongs_to_one_employee_whatever_its_letters(
    providers: Harness,
) -> None:
    await made(providers, "/employees", PERSON)
    answer = await providers.http.post(
        "/employees", json=PERSON | {"email": "ADA@n-1.example"}, headers=administrator(providers)
    )
    assert (answer.status_code, answer.json()["code"]) == (409, "email_taken")
    assert len(await providers.stated()) == 1


async def test_an_employee_cannot_be_granted_what_the_inviter_does_not_hold(
    providers: Harness,
) -> None:
    headers = providers.signed_in(Permission.STAFF_WRITE, everywhere=True)
    answer = await providers.http.post(
        "/employees", json=PERSON | {"permissions": ["payments:record"]}, headers=headers
    )
    assert (answer.status_code, answer.json()["code"]) == (403, "grants_more_than_held")
    assert answer.json()["permissions"] == ["payments:record"]


async def test_nor_can_it_be_granted_by_way_of_a_department(providers: Harness) -> None:
    support = (await department(providers))["id"]
    headers = providers.signed_in(Permission.STAFF_WRITE, "support:read", everywhere=True)
    answer = await providers.http.post(
        "/employees", json=PERSON | {"department_ids": [support]}, headers=headers
    )
    assert (answer.status_code, answer.json()["code"]) == (403, "grants_more_than_held")
    assert answer.json()["permissions"] == ["support:handle"]
    assert await providers.stated(EmployeeInvited) == []


async def test_who_works_for_one_provider_cannot_make_an_employee_of_every_provider(
    providers: Harness,
) -> None:
    seller = (await provider(providers))["id"]
    answer = await providers.http.post(
        "/employees", json=PERSON, headers=employee_of(providers, seller)
    )
    assert (answer.status_code, answer.json()["code"]) == (403, "grants_more_than_held")


async def test_who_works_for_one_provider_cannot_make_an_employee_of_another(
    providers: Harness,
) -> None:
    own, other = [(await provider(providers, slug=slug))["id"] for slug in ("a", "b")]
    headers = employee_of(providers, own)
    answers = [
        await providers.http.post(
            "/employees", json=PERSON | {"provider_ids": ids}, headers=headers
        )
        for ids in ([other], [own, other], [own])
    ]
    assert [answer.status_code for answer in answers] == [404, 404, 201]


async def test_an_employee_cannot_be_put_in_a_department_that_does_not_exist(
    providers: Harness,
) -> None:
    answer = await providers.http.post(
        "/employees",
        json=PERSON | {"department_ids": [NOBODY]},
        headers=administrator(providers),
    )
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
    assert await providers.stated() == []


async def test_an_employee_sees_those_who_work_for_one_of_its_providers(
    providers: Harness,
) -> None:
    own, other = [(await provider(providers, slug=slug))["id"] for slug in ("a", "b")]
    people = [
        (await made(providers, "/employees", {**PERSON, "email": email, "provider_ids": ids}))["id"]
        for email, ids in (
            ("a@n.example", [own, other]),
            ("b@n.example", [other]),
            ("c@n.example", []),
        )
    ]
    headers = employee_of(providers, own)
    listed = (await providers.http.get("/employees", headers=headers)).json()
    assert [found["id"] for found in listed["data"]] == people[:1]
    answers = [await providers.http.get(f"/employees/{p}", headers=headers) for p in people]
    assert [answer.status_code for answer in answers] == [200, 404, 404]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"email": "ada"}, "email"),
        ({"permissions": ["everything:do"]}, "permissions.0"),
        ({"department_ids": [NOBODY, NOBODY]}, "department_ids"),
        ({"administrator": True}, "administrator"),
    ],
)
async def test_a_malformed_invitation_is_refused_by_field(
    providers: Harness, changes: dict[str, object], field: str
) -> None:
    answer = await providers.http.post(
        "/employees", json=PERSON | changes, headers=administrator(providers)
    )
    assert answer.status_code == 422
    assert [error["field"] for error in answer.json()["errors"]] == [field]
