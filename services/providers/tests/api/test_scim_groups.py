"""`/scim/v2/Groups`: departments, who is in them, and what a directory cannot do to them."""

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
from services.providers.tests.provisioning import (
    GROUP_SCHEMA,
    GROUPS,
    USER_SCHEMA,
    USERS,
    ask,
    group,
    patch,
    provisioned,
    refusal,
    user,
)

from florin_chassis.testing.harness import Harness
from florin_contracts.providers import (
    DepartmentChanged,
    DepartmentCreated,
    DepartmentRemoved,
    EmployeeChanged,
)


async def people(providers: Harness, count: int) -> list[str]:
    return [
        (await provisioned(providers, USERS, user(f"{n}@n.example")))["id"] for n in range(count)
    ]


def member_ids(said: dict[str, Any]) -> set[str]:
    return {member["value"] for member in said.get("members", ())}


async def test_a_provisioned_group_is_a_department_without_rights(providers: Harness) -> None:
    (ada,) = await people(providers, 1)
    said = await provisioned(providers, GROUPS, group("Support", ada, externalId="G-1"))
    (event,) = await providers.stated(DepartmentCreated)
    assert event["data"] == {
        "id": said["id"],
        "name": "Support",
        "sections": [],
        "permissions": [],
        "external_id": "G-1",
        "removed": False,
        "names": {},
        "business_hours": None,
        "shown_in_support": False,
    }
    (joined,) = await providers.stated(EmployeeChanged)
    assert (joined["data"]["id"], joined["data"]["department_ids"]) == (ada, [said["id"]])
    (member,) = said["members"]
    assert member == {
        "value": ada,
        "$ref": f"http://service{USERS}/{ada}",
        "type": "User",
    }


async def test_people_join_and_leave_by_patch(providers: Harness) -> None:
    ada, bob, eve = await people(providers, 3)
    path = f"{GROUPS}/{(await provisioned(providers, GROUPS, group('G', ada)))['id']}"
    steps: list[tuple[dict[str, Any], set[str]]] = [
        (
            {"op": "Add", "path": "members", "value": [{"value": bob}, {"value": eve}]},
            {ada, bob, eve},
        ),
        ({"op": "Remove", "path": f'members[value eq "{ada}"]'}, {bob, eve}),
        ({"op": "Remove", "path": "members", "value": [{"value": bob}]}, {eve}),
        ({"op": "replace", "value": {"members": [{"value": ada}]}}, {ada}),
        ({"op": "remove", "path": "members"}, set()),
    ]
    for operation, expected in steps:
        answer = await ask(providers, "PATCH", path, patch(operation))
        assert answer.status_code == 200, answer.text
        assert member_ids(answer.json()) == expected
    assert await providers.stated(DepartmentChanged) == []


async def test_a_replacement_renames_the_department_and_sets_who_is_in_it(
    providers: Harness,
) -> None:
    ada, bob = await people(providers, 2)
    path = f"{GROUPS}/{(await provisioned(providers, GROUPS, group('G', ada)))['id']}"
    said = (await ask(providers, "PUT", path, group("H", bob))).json()
    assert (said["displayName"], member_ids(said)) == ("H", {bob})
    (changed,) = await providers.stated(DepartmentChanged)
    assert changed["data"]["name"] == "H"


async def test_the_version_tells_who_is_in_the_group(providers: Harness) -> None:
    ada, bob = await people(providers, 2)
    made_ = await provisioned(providers, GROUPS, group("G", ada))
    path, before = f"{GROUPS}/{made_['id']}", made_["meta"]["version"]
    add = patch({"op": "add", "path": "members", "value": [{"value": bob}]})
    after = (await ask(providers, "PATCH", path, add, more={"If-Match": before})).headers["ETag"]
    assert after != before
    answers = [
        await ask(providers, "PATCH", path, add, more={"If-Match": before}),
        await ask(providers, "PUT", path, group("H"), more={"If-Match": before}),
        await ask(providers, "DELETE", path, more={"If-Match": before}),
    ]
    assert {refusal(answer) for answer in answers} == {(412, None)}
    assert (await ask(providers, "DELETE", path, more={"If-Match": after})).status_code == 204


async def test_a_deleted_group_is_removed_and_its_members_go_on_working(
    providers: Harness,
) -> None:
    (ada,) = await people(providers, 1)
    path = f"{GROUPS}/{(await provisioned(providers, GROUPS, group('G', ada)))['id']}"
    assert (await ask(providers, "DELETE", path)).status_code == 204
    assert len(await providers.stated(DepartmentRemoved)) == 1
    answers = [
        await ask(providers, "DELETE", path),
        await ask(providers, "GET", path),
        await ask(providers, "PUT", path, group("H")),
    ]
    assert {refusal(answer) for answer in answers} == {(404, None)}
    assert "groups" not in (await ask(providers, "GET", f"{USERS}/{ada}")).json()


async def test_a_directory_gives_nobody_rights_that_it_does_not_hold(providers: Harness) -> None:
    support, (ada,) = (await department(providers))["id"], await people(providers, 1)
    directory = providers.signed_in("staff:read", "staff:write", everywhere=True)
    add = patch({"op": "add", "path": "members", "value": [{"value": ada}]})
    rename = patch({"op": "replace", "path": "displayName", "value": "x"})
    path = f"{GROUPS}/{support}"
    answers = [
        await ask(providers, "PATCH", path, add, directory),
        await ask(providers, "PATCH", path, rename, directory),
        await ask(providers, "DELETE", path, headers=directory),
    ]
    assert {refusal(answer) for answer in answers} == {(403, None)}


async def test_members_of_others_are_neither_seen_nor_moved(providers: Harness) -> None:
    own, other = [(await provider(providers, slug=slug))["id"] for slug in ("a", "b")]
    shared = (await made(providers, "/departments", {"name": "shared"}))["id"]
    mine, theirs = [
        (
            await made(
                providers,
                "/employees",
                {
                    "name": name,
                    "email": f"{name}@n.example",
                    "provider_ids": [place],
                    "department_ids": [shared],
                },
            )
        )["id"]
        for name, place in (("mine", own), ("theirs", other))
    ]
    headers, path = employee_of(providers, own), f"{GROUPS}/{shared}"
    assert member_ids((await ask(providers, "GET", path, headers=headers)).json()) == {mine}
    emptied = await ask(providers, "PUT", path, group("shared"), headers)
    assert emptied.status_code == 200
    assert member_ids((await ask(providers, "GET", path)).json()) == {theirs}
    taken = patch({"op": "add", "path": "members", "value": [{"value": theirs}]})
    assert refusal(await ask(providers, "PATCH", path, taken, headers)) == (400, "invalidValue")
    for filter_ in (f'members eq "{theirs}"', f'members[value eq "{theirs}"]', "members pr"):
        listed = await ask(providers, "GET", f"{GROUPS}?filter={filter_}", headers=headers)
        assert listed.json()["totalResults"] == 0


@pytest.mark.parametrize("member", [NOBODY, "nobody", ""], ids=["no employee", "no id", "nothing"])
async def test_only_employees_are_members(providers: Harness, member: str) -> None:
    answer = await ask(providers, "POST", GROUPS, group("G", member))
    assert refusal(answer) == (400, "invalidValue")
    assert await providers.stated() == []


async def test_users_and_groups_are_found_together(providers: Harness) -> None:
    (ada,) = await people(providers, 1)
    await provisioned(providers, GROUPS, group("0@n.example", ada))
    search = {
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:SearchRequest"],
        "filter": 'displayName eq "0@N.example"',
        "attributes": ["displayName"],
    }
    said = (await ask(providers, "POST", "/scim/v2/.search", search)).json()
    schemas = [found["schemas"] for found in said["Resources"]]
    assert schemas == [[USER_SCHEMA], [GROUP_SCHEMA]]
    assert all(found.keys() == {"schemas", "id", "displayName"} for found in said["Resources"])
    assert said["totalResults"] == 2
    one = search | {"filter": "userName pr", "count": 1, "startIndex": 1}
    assert (await ask(providers, "POST", "/scim/v2/.search", one)).json()["totalResults"] == 1
    headers = administrator(providers)
    found = await providers.http.post(f"{GROUPS}/.search", json=search, headers=headers)
    assert found.json()["totalResults"] == 1
