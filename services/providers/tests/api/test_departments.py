"""`/departments/{id}`: whoever changes rights for all members holds them, wherever members work."""

from typing import Any

import pytest
from httpx import Response
from services.providers.tests.making import (
    administrator,
    department,
    employee_of,
    made,
    provider,
)

from florin_chassis.testing.harness import Harness
from florin_contracts.permissions import Permission
from florin_contracts.providers import DepartmentChanged, DepartmentRemoved, EmployeeChanged

Headers = dict[str, str]


async def change(
    providers: Harness, department_id: str, headers: Headers | None = None, **changes: Any
) -> Response:
    headers = headers or administrator(providers)
    path = f"/departments/{department_id}"
    return await providers.http.patch(path, json=changes, headers=headers)


async def remove(
    providers: Harness, department_id: str, headers: Headers | None = None
) -> Response:
    headers = headers or administrator(providers)
    return await providers.http.delete(f"/departments/{department_id}", headers=headers)


async def member(providers: Harness, department_id: str, *provider_ids: str, **changes: Any) -> str:
    body = {
        "name": "Ada",
        "email": "ada@n-1.example",
        "department_ids": [department_id],
        "provider_ids": provider_ids,
    }
    return str((await made(providers, "/employees", body | changes))["id"])


def refusal(answer: Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


async def test_a_changed_department_is_stated_with_its_whole_state(providers: Harness) -> None:
    support = (await department(providers))["id"]
    changes: dict[str, Any] = {
        "name": "support",
        "sections": ["billing"],
        "permissions": ["clients:read"],
    }
    answer = await change(providers, support, **changes)
    assert (answer.status_code, answer.headers["ETag"]) == (200, '"2"')
    (event,) = await providers.stated(DepartmentChanged)
    assert event["data"] == answer.json()
    assert changes.items() <= answer.json().items()
    same = await change(providers, support, **changes)
    assert same.headers["ETag"] == '"2"'
    assert len(await providers.stated(DepartmentChanged)) == 1


async def test_who_read_another_version_changes_nothing(providers: Harness) -> None:
    support = (await department(providers))["id"]
    headers = administrator(providers) | {"If-Match": '"7"'}
    answers = [await change(providers, support, headers, name="x")]
    answers.append(await remove(providers, support, headers))
    assert {refusal(answer) for answer in answers} == {(412, "version_mismatch")}


async def test_who_changes_a_department_holds_what_it_gives_before_and_after(
    providers: Harness,
) -> None:
    support = (await department(providers))["id"]
    poor = providers.signed_in("staff:write", everywhere=True)
    before = [
        await change(providers, support, poor, sections=[]),
        await remove(providers, support, poor),
    ]
    assert {refusal(answer) for answer in before} == {(403, "may_do_more_than_you")}
    equal = providers.signed_in("staff:write", "support:read", "support:handle", everywhere=True)
    after = await change(providers, support, equal, permissions=["payments:record"])
    assert refusal(after) == (403, "grants_more_than_held")
    assert (await change(providers, support, equal, name="x")).status_code == 200


async def test_who_changes_a_department_works_wherever_its_members_do(providers: Harness) -> None:
    own, other = [(await provider(providers, slug=slug))["id"] for slug in ("a", "b")]
    support = (await department(providers))["id"]
    headers = employee_of(providers, own)
    await member(providers, support, own)
    assert (await change(providers, support, headers, name="x")).status_code == 200
    eve = await member(providers, support, other, email="eve@n-1.example")
    refused = [
        await change(providers, support, headers, name="y"),
        await remove(providers, support, headers),
    ]
    assert {refusal(answer) for answer in refused} == {(403, "may_do_more_than_you")}
    await providers.http.post(f"/employees/{eve}/end", headers=administrator(providers))
    assert (await change(providers, support, headers, name="y")).status_code == 200


async def test_nobody_changes_the_rights_of_a_department_that_it_is_in(providers: Harness) -> None:
    support = (await department(providers))["id"]
    ada = await member(providers, support)
    headers = providers.signed_in(*Permission, everywhere=True, sub=ada)
    refused = [
        await change(providers, support, headers, sections=[]),
        await remove(providers, support, headers),
    ]
    assert {refusal(answer) for answer in refused} == {(403, "own_rights")}
    assert (await change(providers, support, headers, name="x")).status_code == 200


async def test_an_administrator_may_change_a_department_that_it_is_in(providers: Harness) -> None:
    support = (await department(providers))["id"]
    ada = await member(providers, support)
    await providers.http.patch(
        f"/employees/{ada}", json={"administrator": True}, headers=administrator(providers)
    )
    headers = providers.signed_in(*Permission, everywhere=True, sub=ada)
    assert (await change(providers, support, headers, sections=[])).status_code == 200
    assert (await remove(providers, support, headers)).status_code == 204


async def test_members_leave_a_department_that_is_removed(providers: Harness) -> None:
    support, sales = [(await department(providers, name=n))["id"] for n in ("a", "b")]
    ada = await member(providers, support, department_ids=[support, sales])
    assert (await remove(providers, support)).status_code == 204
    (left,) = await providers.stated(EmployeeChanged)
    assert (left["data"]["id"], left["data"]["department_ids"]) == (ada, [sales])
    (removed,) = await providers.stated(DepartmentRemoved)
    assert (removed["data"]["removed"], removed["data"]["sections"]) == (True, [])


async def test_a_removed_department_is_found_by_its_id_and_good_for_nothing(
    providers: Harness,
) -> None:
    support = (await department(providers))["id"]
    await remove(providers, support)
    headers = administrator(providers)
    assert (await providers.http.get("/departments", headers=headers)).json()["data"] == []
    found = await providers.http.get(f"/departments/{support}", headers=headers)
    assert (found.status_code, found.json()["removed"]) == (200, True)
    again = [
        await change(providers, support, name="x"),
        await remove(providers, support),
    ]
    assert {refusal(answer) for answer in again} == {(409, "department_removed")}
    body = {"name": "Ada", "email": "a@n.example", "department_ids": [support]}
    joining = await providers.http.post("/employees", json=body, headers=headers)
    assert joining.status_code == 404


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"sections": ["all"]}, "sections.0"),
        ({"name": " "}, "name"),
        ({"removed": True}, "removed"),
    ],
)
async def test_a_malformed_change_is_refused_by_field(
    providers: Harness, changes: dict[str, Any], field: str
) -> None:
    answer = await change(providers, (await department(providers))["id"], **changes)
    assert answer.status_code == 422
    assert [error["field"] for error in answer.json()["errors"]] == [field]
