"""`/scim/v2/Users`: what a directory says of people, and what follows for employees."""

from typing import Any
from uuid import UUID

import pytest
from services.providers.tests.making import NOBODY, administrator, department, employee_of, provider
from services.providers.tests.provisioning import (
    GROUPS,
    USERS,
    ask,
    patch,
    provisioned,
    refusal,
    user,
)

from florin_chassis.testing.harness import Harness
from florin_contracts.identity import UserActivated, UserKind, UserStatus
from florin_contracts.permissions import Permission
from florin_contracts.providers import (
    EmployeeChanged,
    EmployeeEnded,
    EmployeeInvited,
    EmployeeResumed,
    EmployeeSuspended,
)


async def joined(providers: Harness, id_: str) -> None:
    await providers.deliver(
        UserActivated(
            id=UUID(id_),
            name="Ada",
            email="ada@n-1.example",
            kind=UserKind.EMPLOYEE,
            status=UserStatus.ACTIVE,
            administrator=False,
            client_id=None,
        )
    )


async def test_a_provisioned_user_is_an_invited_employee(providers: Harness) -> None:
    answer = await ask(
        providers,
        "POST",
        USERS,
        user(
            "ADA",
            externalId="S-1",
            name={"givenName": "Ada", "familyName": "Lovelace"},
            emails=[{"value": "Ada@N-1.example", "primary": True}, {"value": "a@home.example"}],
            title="Countess",
        ),
    )
    said = answer.json()
    assert answer.headers["Content-Type"] == "application/scim+json"
    assert answer.headers["Location"] == said["meta"]["location"]
    assert said["meta"]["location"] == f"http://service{USERS}/{said['id']}"
    assert answer.headers["ETag"] == said["meta"]["version"] == 'W/"1"'
    assert said["emails"] == [{"value": "ada@n-1.example", "type": "work"}]
    assert (said["active"], said["displayName"]) == (True, "Ada Lovelace")
    (event,) = await providers.stated(EmployeeInvited)
    assert event["data"] == {
        "id": said["id"],
        "name": "Ada Lovelace",
        "email": "ada@n-1.example",
        "status": "invited",
        "administrator": False,
        "provider_ids": [],
        "department_ids": [],
        "permissions": [],
        "external_id": "S-1",
    }


async def test_a_provisioned_employee_works_where_whoever_provisions_it_works(
    providers: Harness,
) -> None:
    own = (await provider(providers))["id"]
    headers = providers.signed_in("staff:write", reach={"provider": [own]})
    await ask(providers, "POST", USERS, user(), headers)
    (event,) = await providers.stated(EmployeeInvited)
    assert event["data"]["provider_ids"] == [own]
    client = providers.signed_in(*Permission, reach={"client": [NOBODY]})
    assert refusal(await ask(providers, "POST", USERS, user("b@n.example"), client)) == (403, None)


async def test_a_user_is_seen_and_changed_as_far_as_the_token_reaches(providers: Harness) -> None:
    own, other = [(await provider(providers, slug=slug))["id"] for slug in ("a", "b")]
    theirs = (await ask(providers, "POST", USERS, user(), employee_of(providers, other))).json()[
        "id"
    ]
    headers = employee_of(providers, own)
    rename = patch({"op": "replace", "path": "displayName", "value": "Eve"})
    answers = [
        await ask(providers, "GET", f"{USERS}/{theirs}", headers=headers),
        await ask(providers, "PUT", f"{USERS}/{theirs}", user("eve@n.example"), headers),
        await ask(providers, "PATCH", f"{USERS}/{theirs}", rename, headers),
        await ask(providers, "DELETE", f"{USERS}/{theirs}", headers=headers),
    ]
    assert {refusal(answer) for answer in answers} == {(404, None)}
    listed = (await ask(providers, "GET", USERS, headers=headers)).json()
    assert (listed["totalResults"], listed["Resources"]) == (0, [])


async def test_the_permissions_of_the_routes_are_asked_for_in_scims_words(
    providers: Harness,
) -> None:
    reader = providers.signed_in("staff:read", everywhere=True)
    assert refusal(await ask(providers, "POST", USERS, user(), reader)) == (403, None)
    assert (await ask(providers, "GET", USERS, headers=reader)).status_code == 200
    nobody = await providers.http.get(USERS)
    assert refusal(nobody) == (401, None)


async def test_inactive_is_suspended_and_active_again_resumes(providers: Harness) -> None:
    id_ = (await provisioned(providers, USERS, user(active=False)))["id"]
    (first,) = await providers.stated(EmployeeSuspended)
    assert first["data"]["status"] == "suspended"
    on = patch({"op": "Replace", "value": {"active": True}})
    assert (await ask(providers, "PATCH", f"{USERS}/{id_}", on)).json()["active"] is True
    assert len(await providers.stated(EmployeeResumed)) == 1
    replaced = await ask(providers, "PUT", f"{USERS}/{id_}", user(active=False))
    assert replaced.json()["active"] is False


async def test_what_a_replacement_leaves_out_goes_or_stays_as_it_must(providers: Harness) -> None:
    body = user(active=False, externalId="S-1", name={"givenName": "Ada"})
    id_ = (await provisioned(providers, USERS, body))["id"]
    said = (await ask(providers, "PUT", f"{USERS}/{id_}", user("ada"))).json()
    assert (said["userName"], said["active"], said["displayName"]) == ("ada", False, "Ada")
    assert said["emails"][0]["value"] == "ada@n-1.example"
    assert not {"externalId", "name"} & said.keys()


async def test_a_patch_as_entra_and_okta_write_it_changes_the_employee(providers: Harness) -> None:
    id_ = (await provisioned(providers, USERS, user()))["id"]
    operations = patch(
        {"op": "Add", "path": "name.givenName", "value": "Ada"},
        {"op": "Replace", "path": 'emails[type eq "work"].value', "value": "ada@n-2.example"},
        {"op": "replace", "value": {"displayName": "Ada L.", "externalId": "S-2"}},
        {"op": "add", "path": "title", "value": "Countess"},
    )
    answer = await ask(providers, "PATCH", f"{USERS}/{id_}", operations)
    assert answer.status_code == 200, answer.text
    assert answer.json()["name"] == {"givenName": "Ada"}
    (event,) = await providers.stated(EmployeeChanged)
    state = event["data"]
    assert (state["name"], state["email"]) == ("Ada L.", "ada@n-2.example")
    assert state["external_id"] == "S-2"


async def test_the_address_of_who_has_joined_is_nobody_elses_to_change(providers: Harness) -> None:
    id_ = (await provisioned(providers, USERS, user()))["id"]
    await joined(providers, id_)
    change = patch({"op": "replace", "path": "emails", "value": [{"value": "e@vil.example"}]})
    answers = [
        await ask(providers, "PATCH", f"{USERS}/{id_}", change),
        await ask(providers, "PUT", f"{USERS}/{id_}", user(emails=[{"value": "e@vil.example"}])),
    ]
    assert {refusal(answer) for answer in answers} == {(400, "mutability")}
    rename = patch({"op": "replace", "path": "userName", "value": "ada.l"})
    assert (await ask(providers, "PATCH", f"{USERS}/{id_}", rename)).json()["userName"] == "ada.l"


async def test_a_deleted_user_has_left_and_is_there_no_more(providers: Harness) -> None:
    id_ = (await provisioned(providers, USERS, user()))["id"]
    answer = await ask(providers, "DELETE", f"{USERS}/{id_}")
    assert (answer.status_code, answer.content) == (204, b"")
    assert len(await providers.stated(EmployeeEnded)) == 1
    again = [
        await ask(providers, "DELETE", f"{USERS}/{id_}"),
        await ask(providers, "GET", f"{USERS}/{id_}"),
        await ask(providers, "PUT", f"{USERS}/{id_}", user()),
        await ask(providers, "PATCH", f"{USERS}/{id_}", patch({"op": "remove", "path": "name"})),
    ]
    assert {refusal(answer) for answer in again} == {(404, None)}
    assert (await ask(providers, "GET", USERS)).json()["totalResults"] == 0
    assert (await provisioned(providers, USERS, user()))["id"] != id_


@pytest.mark.parametrize(
    "second",
    [user("ADA@n-1.example", emails=[{"value": "b@n.example"}]), user("b@n.example")],
    ids=["the user name, whatever its letters", "the address"],
)
async def test_a_user_name_and_an_address_belong_to_one_user(
    providers: Harness, second: dict[str, Any]
) -> None:
    first = user("ada@n-1.example", emails=[{"value": "ada@n-1.example"}])
    await provisioned(providers, USERS, first)
    taken = second | ({} if "emails" in second else {"emails": [{"value": "ADA@n-1.example"}]})
    assert refusal(await ask(providers, "POST", USERS, taken)) == (409, "uniqueness")


async def test_a_change_of_another_version_than_the_present_one_is_refused(
    providers: Harness,
) -> None:
    made = await provisioned(providers, USERS, user())
    path = f"{USERS}/{made['id']}"
    rename = patch({"op": "replace", "path": "displayName", "value": "Ada L."})
    stale = {"If-Match": 'W/"7"'}
    answers = [
        await ask(providers, "PUT", path, user("x@n.example"), more=stale),
        await ask(providers, "PATCH", path, rename, more=stale),
        await ask(providers, "DELETE", path, more=stale),
    ]
    assert {refusal(answer) for answer in answers} == {(412, None)}
    known = await ask(providers, "GET", path, more={"If-None-Match": made["meta"]["version"]})
    assert (known.status_code, known.content) == (304, b"")
    fresh = await ask(providers, "PATCH", path, rename, more={"If-Match": made["meta"]["version"]})
    assert fresh.headers["ETag"] == 'W/"2"'


async def test_a_directory_that_may_do_little_touches_nobody_who_may_do_more(
    providers: Harness,
) -> None:
    id_ = (await provisioned(providers, USERS, user()))["id"]
    await providers.http.patch(
        f"/employees/{id_}",
        json={"permissions": ["payments:record"]},
        headers=administrator(providers),
    )
    directory = providers.signed_in("staff:read", "staff:write", everywhere=True)
    off = patch({"op": "replace", "path": "active", "value": False})
    assert refusal(await ask(providers, "PATCH", f"{USERS}/{id_}", off, directory)) == (403, None)


async def test_the_groups_of_a_user_are_shown_and_not_changed_there(providers: Harness) -> None:
    support = await department(providers)
    id_ = (await provisioned(providers, USERS, user()))["id"]
    add = patch({"op": "add", "path": "members", "value": [{"value": id_}]})
    await ask(providers, "PATCH", f"{GROUPS}/{support['id']}", add)
    (shown,) = (await ask(providers, "GET", f"{USERS}/{id_}")).json()["groups"]
    assert shown["value"] == support["id"]
    assert shown["display"] == "technical support"
    leave = patch({"op": "remove", "path": "groups"})
    assert refusal(await ask(providers, "PATCH", f"{USERS}/{id_}", leave)) == (400, "mutability")


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        ([], "invalidSyntax"),
        (user(userName=""), "invalidValue"),
        (user("not an address"), "invalidValue"),
        (user(emails=[{"value": "not an address"}]), "invalidValue"),
        (user(displayName="a\x00b"), "invalidValue"),
        (user(externalId="x" * 201), "invalidValue"),
        (user(active="perhaps"), "invalidValue"),
        (user(name="Ada"), "invalidValue"),
        (user(name={"givenName": "\x00"}), "invalidValue"),
    ],
)
async def test_what_is_no_user_is_refused_in_scims_words(
    providers: Harness, body: Any, kind: str
) -> None:
    answer = await ask(providers, "POST", USERS, body)
    assert refusal(answer) == (400, kind), answer.text
    assert await providers.stated() == []


@pytest.mark.parametrize(
    ("operations", "kind"),
    [
        ([], "invalidValue"),
        ([{"op": "remove"}], "noTarget"),
        ([{"op": "move", "path": "name", "value": 1}], "invalidValue"),
        ([{"op": "remove", "path": "userName"}], "mutability"),
        ([{"op": "remove", "path": "active"}], "mutability"),
        ([{"op": "remove", "path": "emails"}], "mutability"),
        ([{"op": "replace", "path": "id", "value": NOBODY}], "mutability"),
        ([{"op": "replace", "path": "active", "value": "perhaps"}], "invalidValue"),
        ([{"op": "replace", "path": "name[", "value": "x"}], "invalidPath"),
        ([{"op": "replace", "path": "displayName", "value": "a\x00b"}], "invalidValue"),
    ],
)
async def test_what_is_no_patch_is_refused_in_scims_words_and_changes_nothing(
    providers: Harness, operations: list[Any], kind: str
) -> None:
    id_ = (await provisioned(providers, USERS, user()))["id"]
    answer = await ask(providers, "PATCH", f"{USERS}/{id_}", patch(*operations))
    assert refusal(answer) == (400, kind), answer.text
    assert len(await providers.stated()) == 1


async def test_whatever_else_is_asked_for_is_refused_in_scims_words(providers: Harness) -> None:
    for path in (f"{USERS}/{NOBODY}", f"{USERS}/nobody", "/scim/v2/Schemas/x"):
        assert refusal(await ask(providers, "GET", path)) == (404, None)
    assert refusal(await ask(providers, "GET", "/scim/v2/Me")) == (501, None)
    broken = await providers.http.post(USERS, content=b"{", headers=administrator(providers))
    assert refusal(broken) == (400, "invalidSyntax")
    assert refusal(await ask(providers, "GET", "/scim/v2/Schemas?filter=id+pr")) == (403, None)
