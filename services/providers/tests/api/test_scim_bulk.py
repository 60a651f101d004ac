"""SCIM's `/Bulk` over HTTP: each operation is as it would be alone."""

from typing import Any

import pytest
from httpx import Response
from services.providers.tests.making import administrator
from services.providers.tests.provisioning import (
    GROUPS,
    USERS,
    ask,
    group,
    patch,
    provisioned,
    refusal,
    user,
)

from florin_chassis.ids import new_id
from florin_chassis.testing.harness import Harness
from florin_contracts.providers import DepartmentCreated, EmployeeInvited
from florin_providers.api.scim.bulk_job import OPERATIONS_MAX, read_job

SCHEMA = "urn:ietf:params:scim:api:messages:2.0:BulkRequest"
SAM = {"method": "POST", "path": "/Users", "bulkId": "sam", "data": user("sam@n-1.example")}
EVE = {"method": "POST", "path": "/Users", "bulkId": "eve", "data": user("eve@n-1.example")}
WRONG = {"method": "POST", "path": "/Users", "bulkId": "wrong", "data": {"userName": ""}}


def group_of(*bulk_ids: str) -> dict[str, Any]:
    data = group("Support", *(f"bulkId:{bulk_id}" for bulk_id in bulk_ids))
    return {"method": "POST", "path": "/Groups", "bulkId": "support", "data": data}


async def job(
    providers: Harness, *operations: Any, more: dict[str, str] | None = None, **body: Any
) -> Response:
    sent = {"schemas": [SCHEMA], "Operations": list(operations)} | body
    return await ask(providers, "POST", "/scim/v2/Bulk", sent, more=more)


async def results(providers: Harness, *operations: Any, **body: Any) -> list[dict[str, Any]]:
    answer = await job(providers, *operations, **body)
    assert answer.status_code == 200, answer.text
    assert answer.headers["Content-Type"] == "application/scim+json"
    assert answer.json()["schemas"] == [SCHEMA.replace("Request", "Response")]
    done: list[dict[str, Any]] = answer.json()["Operations"]
    return done


def statuses(done: list[dict[str, Any]]) -> list[str]:
    return [one["status"] for one in done]


async def test_many_are_made_changed_and_ended_in_one_request(providers: Harness) -> None:
    old = await provisioned(providers, USERS, user())
    there = f"/Users/{old['id']}"
    renamed = patch({"op": "replace", "path": "displayName", "value": "Ada L."})
    done = await results(
        providers,
        SAM,
        {"method": "PATCH", "path": there, "version": 'W/"1"', "data": renamed},
        {"method": "DELETE", "path": there},
    )
    assert statuses(done) == ["201", "200", "204"]
    assert (done[0]["bulkId"], done[1]["version"]) == ("sam", 'W/"2"')
    assert [one["location"].rpartition("/scim/v2")[2] for one in done[1:]] == [there, there]
    path = "/scim/v2" + done[0]["location"].rpartition("/scim/v2")[2]
    made = await ask(providers, "GET", path)
    assert made.json()["userName"] == "sam@n-1.example"
    assert "response" not in done[0]


async def test_a_group_has_whom_the_same_request_makes_whichever_comes_first(
    providers: Harness,
) -> None:
    done = await results(providers, group_of("sam", "eve"), SAM, EVE)
    assert statuses(done) == ["201", "201", "201"]
    assert [one["bulkId"] for one in done] == ["support", "sam", "eve"]
    groups = (await ask(providers, "GET", GROUPS)).json()["Resources"]
    made = {one["location"].rpartition("/")[2] for one in done[1:]}
    assert {member["value"] for member in groups[0]["members"]} == made
    again = {"op": "remove", "path": f'members[value eq "{min(made)}"]'}
    where = f"/Groups/{groups[0]['id']}"
    left = await results(providers, {"method": "PATCH", "path": where, "data": patch(again)})
    assert statuses(left) == ["200"]


async def test_an_operation_may_go_on_with_what_another_has_made(providers: Harness) -> None:
    suspended = patch({"op": "replace", "path": "active", "value": False})
    later = {"method": "PATCH", "path": "/Users/bulkId:sam", "data": suspended}
    done = await results(providers, later, SAM)
    assert statuses(done) == ["200", "201"]
    found = (await ask(providers, "GET", USERS)).json()["Resources"]
    assert [one["active"] for one in found] == [False]


async def test_what_fails_says_why_and_the_others_are_done(providers: Harness) -> None:
    done = await results(providers, WRONG, SAM, SAM | {"bulkId": "again"}, EVE)
    assert statuses(done) == ["400", "201", "409", "201"]
    assert done[0]["response"]["scimType"] == "invalidValue"
    assert "location" not in done[0]
    assert done[2]["response"]["scimType"] == "uniqueness"
    assert len(await providers.stated(EmployeeInvited)) == 2


async def test_nothing_is_done_after_as_many_errors_as_are_accepted(providers: Harness) -> None:
    done = await results(providers, WRONG, SAM, WRONG | {"bulkId": "w"}, EVE, failOnErrors=2)
    assert statuses(done) == ["400", "201", "400"]
    assert len(await providers.stated(EmployeeInvited)) == 1


async def test_what_needs_one_that_was_not_made_is_refused_and_not_tried(
    providers: Harness,
) -> None:
    done = await results(providers, WRONG, group_of("wrong"), group_of("nobody") | {"bulkId": "g"})
    assert statuses(done) == ["400", "409", "409"]
    assert "bulkId:wrong was not made" in done[1]["response"]["detail"]
    assert await providers.stated(DepartmentCreated) == []


async def test_a_version_that_is_not_the_present_one_is_refused(providers: Harness) -> None:
    old = await provisioned(providers, USERS, user())
    stale = {"method": "DELETE", "path": f"/Users/{old['id']}", "version": 'W/"9"'}
    (done,) = await results(providers, stale)
    assert done["status"] == "412"
    assert done["location"].endswith(old["id"])


@pytest.mark.parametrize(
    "operation",
    [
        {"method": "GET", "path": "/Users"},
        {"method": "POST", "path": "/Users", "data": user("sam@n-1.example")},
        {"method": "POST", "path": "/Bulk", "bulkId": "b", "data": {"Operations": []}},
        {"method": "POST", "path": "/Users/.search", "bulkId": "b", "data": {}},
        {"method": "POST", "path": "/../../employees", "bulkId": "b", "data": {}},
        {"method": "DELETE", "path": "/Users"},
        {"method": "DELETE", "path": f"/Users/{new_id()}?x=y"},
        {"method": "PATCH", "path": f"/Users/{new_id()}", "data": [1]},
        {"path": "/Users"},
        {},
    ],
)
async def test_what_is_no_operation_fails_alone(providers: Harness, operation: Any) -> None:
    done = await results(providers, operation, SAM)
    assert statuses(done) == ["400", "201"]


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"Operations": None}, 400),
        ({"Operations": ["x"]}, 400),
        ({"Operations": [SAM, SAM]}, 400),
        ({"Operations": [SAM], "failOnErrors": 0}, 400),
        ({"Operations": [SAM], "failOnErrors": "1"}, 400),
        ({"Operations": [SAM | {"bulkId": str(i)} for i in range(OPERATIONS_MAX + 1)]}, 413),
    ],
)
async def test_a_job_that_is_none_or_too_large_does_nothing(
    providers: Harness, body: Any, status: int
) -> None:
    answer = await job(providers, **body)
    assert refusal(answer)[0] == status
    assert await providers.stated(EmployeeInvited) == []


async def test_a_job_sent_again_under_its_key_does_nothing_twice(providers: Harness) -> None:
    actor = administrator(providers)
    key = {"Idempotency-Key": "job-1"} | actor
    first = await job(providers, SAM, group_of("sam"), WRONG, more=key)
    again = await job(providers, SAM, group_of("sam"), WRONG, more=key)
    assert again.json() == first.json()
    assert len(await providers.stated(EmployeeInvited)) == 1
    assert len(await providers.stated(DepartmentCreated)) == 1
    other = await job(providers, EVE, more=key)
    assert statuses(other.json()["Operations"]) == ["400"]  # the key is another operation's


async def test_each_operation_needs_the_rights_that_it_needs_alone(providers: Harness) -> None:
    reading = providers.signed_in("staff:read", everywhere=True)
    answer = await ask(providers, "POST", "/scim/v2/Bulk", {"Operations": [SAM]}, reading)
    assert refusal(answer)[0] == 403
    elsewhere = await provisioned(providers, USERS, user())
    confined = providers.signed_in("staff:read", "staff:write", reach={"provider": [new_id()]})
    ending = {"method": "DELETE", "path": f"/Users/{elsewhere['id']}"}
    answer = await ask(providers, "POST", "/scim/v2/Bulk", {"Operations": [ending]}, confined)
    assert statuses(answer.json()["Operations"]) == ["404"]


async def test_what_is_supported_is_said(providers: Harness) -> None:
    said = (await ask(providers, "GET", "/scim/v2/ServiceProviderConfig")).json()
    assert said["bulk"] == {
        "supported": True,
        "maxOperations": OPERATIONS_MAX,
        "maxPayloadSize": 1_048_576,
    }


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "PATCH", "DELETE"])
async def test_a_directory_is_no_user_so_that_there_is_no_me(
    providers: Harness, method: str
) -> None:
    assert refusal(await ask(providers, method, "/scim/v2/Me", {}))[0] == 501


def test_a_circle_of_references_ends() -> None:
    one = group_of("other") | {"bulkId": "one"}
    other = group_of("one") | {"bulkId": "other"}
    assert read_job({"Operations": [one, other]}).in_order() == [0, 1]
