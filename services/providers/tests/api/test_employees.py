"""`/employees/{id}` over its lifetime: what changes, who may change it, and what never happens."""

from typing import Any

import pytest
from httpx import Response
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
from florin_contracts.providers import (
    EmployeeChanged,
    EmployeeEnded,
    EmployeeResumed,
    EmployeeSuspended,
)

PERSON: dict[str, Any] = {"name": "Ada", "email": "ada@n-1.example"}
Headers = dict[str, str]


async def person(providers: Harness, **changes: Any) -> str:
    return str((await made(providers, "/employees", PERSON | changes))["id"])


async def change(
    providers: Harness, employee_id: str, headers: Headers | None = None, **changes: Any
) -> Response:
    headers = headers or administrator(providers)
    return await providers.http.patch(f"/employees/{employee_id}", json=changes, headers=headers)


async def act(
    providers: Harness, verb: str, employee_id: str, headers: Headers | None = None
) -> Response:
    headers = headers or administrator(providers)
    return await providers.http.post(f"/employees/{employee_id}/{verb}", headers=headers)


def refusal(answer: Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


async def test_a_changed_employee_is_stated_with_its_whole_state(providers: Harness) -> None:
    seller, support = (await provider(providers))["id"], (await department(providers))["id"]
    ada = await person(providers)
    changes: dict[str, Any] = {
        "name": "Ada L.",
        "provider_ids": [seller],
        "department_ids": [support],
        "permissions": ["clients:read"],
    }
    answer = await change(providers, ada, **changes)
    assert (answer.status_code, answer.headers["ETag"]) == (200, '"2"')
    (event,) = await providers.stated(EmployeeChanged)
    assert event["data"] | {"refused_because": None} == answer.json()
    assert changes.items() <= answer.json().items()


async def test_what_was_so_already_is_not_stated_again(providers: Harness) -> None:
    ada = await person(providers)
    answer = await change(providers, ada, name="Ada", administrator=False, permissions=None)
    assert (answer.status_code, answer.headers["ETag"]) == (200, '"1"')
    assert await providers.stated(EmployeeChanged) == []


@pytest.mark.parametrize("verb", ["change", "suspend", "resume", "end"])
async def test_who_read_another_version_changes_nothing(providers: Harness, verb: str) -> None:
    ada = await person(providers)
    headers = administrator(providers) | {"If-Match": '"7"'}
    if verb == "change":
        answer = await change(providers, ada, headers, name="Eve")
    else:
        answer = await act(providers, verb, ada, headers)
    assert refusal(answer) == (412, "version_mismatch")
    assert len(await providers.stated()) == 1


async def test_an_employee_is_suspended_resumes_and_leaves_for_good(providers: Harness) -> None:
    ada = await person(providers)
    answers = [await act(providers, verb, ada) for verb in ("suspend", "resume", "end")]
    assert [a.json()["status"] for a in answers] == ["suspended", "invited", "ended"]
    kinds = (EmployeeSuspended, EmployeeResumed, EmployeeEnded)
    stated = [(await providers.stated(kind))[0]["data"] for kind in kinds]
    told = [answer.json() for answer in answers]
    assert [state | {"refused_because": None} for state in stated] == told
    refused = [await act(providers, verb, ada) for verb in ("suspend", "resume", "end")]
    refused.append(await change(providers, ada, name="Eve"))
    assert {refusal(answer) for answer in refused} == {(409, "employee_ended")}
    assert len(await providers.stated()) == 4


async def test_an_act_that_is_done_already_is_not_stated_again(providers: Harness) -> None:
    ada = await person(providers)
    answers = [await act(providers, v, ada) for v in ("resume", "suspend", "suspend")]
    assert [answer.headers["ETag"] for answer in answers] == ['"1"', '"2"', '"2"']
    assert len(await providers.stated()) == 2


async def test_the_address_of_who_left_may_be_invited_again(providers: Harness) -> None:
    gone = await person(providers)
    await act(providers, "end", gone)
    assert await person(providers) != gone


async def test_nobody_gives_an_employee_more_than_it_holds_itself(providers: Harness) -> None:
    support, ada = (await department(providers))["id"], await person(providers)
    headers = providers.signed_in("staff:write", everywhere=True)
    refused = [
        await change(providers, ada, headers, **changes)
        for changes in (
            {"permissions": ["payments:record"]},
            {"department_ids": [support]},
            {"administrator": True},
        )
    ]
    assert {refusal(answer) for answer in refused} == {(403, "grants_more_than_held")}
    assert refused[0].json()["permissions"] == ["payments:record"]
    assert await providers.stated(EmployeeChanged) == []


async def test_who_holds_everything_for_one_provider_makes_no_administrator(
    providers: Harness,
) -> None:
    seller = (await provider(providers))["id"]
    ada = await person(providers, provider_ids=[seller])
    answer = await change(providers, ada, employee_of(providers, seller), administrator=True)
    assert refusal(answer) == (403, "grants_more_than_held")


@pytest.mark.parametrize("rights", [{"permissions": ["payments:record"]}, {"administrator": True}])
@pytest.mark.parametrize("verb", ["change", "suspend", "resume", "end"])
async def test_nobody_changes_who_may_do_more_than_itself(
    providers: Harness, rights: dict[str, Any], verb: str
) -> None:
    ada = await person(providers)
    await change(providers, ada, **rights)
    headers = providers.signed_in("staff:write", everywhere=True)
    if verb == "change":
        answer = await change(providers, ada, headers, permissions=[], administrator=False)
    else:
        answer = await act(providers, verb, ada, headers)
    assert refusal(answer) == (403, "may_do_more_than_you")
    assert len(await providers.stated()) == 2


@pytest.mark.parametrize("verb", ["change", "suspend", "resume", "end"])
async def test_staff_of_one_provider_touch_nobody_who_works_elsewhere_too(
    providers: Harness, verb: str
) -> None:
    own, other = [(await provider(providers, slug=slug))["id"] for slug in ("a", "b")]
    places: tuple[list[str], ...] = ([own], [own, other], [other], [])
    people = [
        await person(providers, email=f"{n}@n.example", provider_ids=ids)
        for n, ids in enumerate(places)
    ]
    headers = employee_of(providers, own)
    answers = [
        await change(providers, id_, headers, name="Eve")
        if verb == "change"
        else await act(providers, verb, id_, headers)
        for id_ in people
    ]
    assert [answer.status_code for answer in answers] == [200, 403, 404, 404]


async def test_staff_of_one_provider_send_nobody_elsewhere(providers: Harness) -> None:
    own, other = [(await provider(providers, slug=slug))["id"] for slug in ("a", "b")]
    ada = await person(providers, provider_ids=[own])
    headers = employee_of(providers, own)
    answers = [
        await change(providers, ada, headers, provider_ids=ids) for ids in ([own, other], [other])
    ]
    assert [answer.status_code for answer in answers] == [404, 404]
    everywhere = await change(providers, ada, headers, provider_ids=[])
    assert refusal(everywhere) == (403, "grants_more_than_held")


async def test_nobody_changes_its_own_rights_but_everybody_its_name(providers: Harness) -> None:
    ada = await person(providers, permissions=["staff:write", "clients:read"])
    headers = providers.signed_in(*Permission, everywhere=True, sub=ada)
    refused = [
        await change(providers, ada, headers, permissions=["staff:write"]),
        await change(providers, ada, headers, administrator=True),
        *[await act(providers, verb, ada, headers) for verb in ("suspend", "end")],
    ]
    assert {refusal(answer) for answer in refused} == {(403, "own_rights")}
    assert (await change(providers, ada, headers, name="Ada L.")).status_code == 200


async def test_an_employee_that_does_not_exist_is_not_found(providers: Harness) -> None:
    answers = [await act(providers, verb, NOBODY) for verb in ("suspend", "resume", "end")]
    answers.append(await change(providers, NOBODY, name="Eve"))
    assert {answer.status_code for answer in answers} == {404}


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"email": "eve"}, "email"),
        ({"status": "active"}, "status"),
        ({"name": ""}, "name"),
        ({"permissions": ["everything:do"]}, "permissions.0"),
        ({"department_ids": [NOBODY, NOBODY]}, "department_ids"),
        ({"administrator": "perhaps"}, "administrator"),
    ],
)
async def test_a_malformed_change_is_refused_by_field(
    providers: Harness, changes: dict[str, Any], field: str
) -> None:
    answer = await change(providers, await person(providers), **changes)
    assert answer.status_code == 422
    assert [error["field"] for error in answer.json()["errors"]] == [field]
