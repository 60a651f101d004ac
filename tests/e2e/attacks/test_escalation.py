"""Nobody comes to more than it was given: not by itself, by others, by programs, or as a client."""

from typing import Any
from uuid import uuid4

import httpx
import pytest
from tests.e2e.answers import problem, read, write
from tests.e2e.attacks.staff import employee, joined
from tests.e2e.people import Newcomer

from florin_contracts.permissions import CLIENT_ROLES, ClientRole, Permission
from florin_local.demo.api import Json, Person
from florin_local.demo.tale import Tale

P = Permission
EVERYTHING = [*Permission]


def send(http: httpx.Client, person: Person, method: str, path: str, body: Any) -> httpx.Response:
    headers = {"Authorization": f"Bearer {person.token()}", "Idempotency-Key": str(uuid4())}
    return http.request(method, path, json=body, headers=headers)


def held(person: Person) -> set[str]:
    """What it may do, after signing in again."""
    person.sign_in()
    return set(person.get("/me")["permissions"])


@pytest.fixture(scope="module")
def manager(tale: Tale) -> tuple[Person, Json]:
    """Manages the staff of one provider, and may do nothing else."""
    rights = [P.STAFF_READ, P.STAFF_WRITE, P.USERS_READ, P.USERS_WRITE, P.USERS_INVITE]
    return employee(tale, "manager", rights, "N-1")


@pytest.mark.parametrize(
    "changes",
    [
        {"permissions": EVERYTHING},
        {"permissions": [P.PAYMENTS_RECORD]},
        {"administrator": True},
        {"provider_ids": []},
    ],
)
def test_an_employee_does_not_change_its_own_rights(
    http: httpx.Client, manager: tuple[Person, Json], changes: dict[str, Any]
) -> None:
    person, me = manager
    before = held(person)
    answer = send(http, person, "PATCH", f"/employees/{me['id']}", changes)
    assert answer.status_code in {403, 409}, answer.text
    assert answer.json()["code"] in {"own_rights", "grants_more_than_held"}
    assert held(person) == before


def test_an_employee_gives_others_no_more_than_it_has(
    http: httpx.Client, tale: Tale, manager: tuple[Person, Json]
) -> None:
    person, _ = manager
    mine, theirs = tale.providers["N-1"]["id"], tale.providers["N-2"]["id"]
    wanted = {"name": "Puppet", "email": tale.email("puppet"), "department_ids": []}
    for body in (
        {"permissions": [P.PAYMENTS_RECORD], "provider_ids": [mine]},
        {"permissions": [P.STAFF_READ], "provider_ids": []},
        {"permissions": [P.STAFF_READ], "provider_ids": [mine, theirs]},
    ):
        answer = send(http, person, "POST", "/employees", wanted | body)
        assert answer.status_code in {403, 404, 409}, answer.text
    department = {"name": "puppets", "sections": ["Billing"], "permissions": EVERYTHING}
    answer = send(http, person, "POST", "/departments", department)
    assert answer.status_code in {403, 409, 422}, answer.text


def test_a_client_s_user_does_not_make_itself_its_owner(
    http: httpx.Client, tale: Tale, victim: Newcomer
) -> None:
    """It manages the client's people, and reads; so it may give no more than to read."""
    users = f"/clients/{victim.client_id}/users"
    grants = [P.MEMBERS_READ, P.MEMBERS_WRITE]
    body = {"name": "Deputy", "email": tale.email("deputy"), "role": "reader"}
    invited = victim.person.post(users, body | {"permissions": grants})
    deputy = joined(tale, invited)
    before = held(deputy)
    own = f"{users}/{invited['id']}"
    for change in (
        {"role": "owner"},
        {"permissions": [*grants, P.PAYERS_WRITE]},
        {"permissions": EVERYTHING},
    ):
        answer = send(http, deputy, "PATCH", own, change)
        assert answer.status_code in {403, 409, 422}, answer.text
    for more in (
        {"role": "owner"},
        {"role": "finance"},
        {"role": "reader", "permissions": [P.KEYS_WRITE]},
        {"role": "reader", "permissions": [P.STAFF_WRITE]},
    ):
        other = {"name": "Friend", "email": tale.email("friend"), **more}
        answer = send(http, deputy, "POST", users, other)
        assert answer.status_code in {403, 409, 422}, answer.text
    owner = victim.person.get("/me")["user_id"]
    answer = send(http, deputy, "PATCH", f"{users}/{owner}", {"role": "reader"})
    assert answer.status_code in {403, 409}, answer.text
    assert send(http, deputy, "POST", f"{users}/{owner}/suspend", {}).status_code in {403, 409}
    assert held(deputy) == before


def test_a_key_makes_no_key_and_changes_nothing_of_itself_or_of_its_owner(
    http: httpx.Client, tale: Tale, victim: Newcomer
) -> None:
    new = {"name": "small", "scopes": ["clients:read"], "expires_at": None}
    made = victim.person.post("/me/api-keys", new)
    key = Person.by_token(tale.gateway, made["key"], 300)
    scopes = [*CLIENT_ROLES[ClientRole.OWNER]]
    asked = [
        send(http, key, "POST", "/me/api-keys", new | {"scopes": scopes}),
        send(http, key, "PUT", "/me/password", {"password": "x", "new_password": "y" * 20}),
        send(http, key, "PUT", "/me/allowed-addresses", {"networks": []}),
        send(http, key, "POST", "/me/authenticators", {"name": "mine"}),
        send(http, key, "POST", "/email-changes", {"email": "a@b.example", "password": "x"}),
        send(http, key, "POST", f"/clients/{victim.client_id}/users", {}),
    ]
    assert {a.status_code for a in asked} == {403}
    assert read(http, made["key"], "/payers").status_code == 403


def test_a_program_does_not_widen_itself(http: httpx.Client, tale: Tale) -> None:
    provider = tale.providers["N-1"]["id"]
    rights = [P.KEYS_READ, P.KEYS_WRITE, P.CLIENTS_READ]
    body = {"name": "climber", "permissions": rights, "provider_ids": [provider]}
    account = tale.administrator.post("/service-accounts", body)
    granted = tale.gateway.token_for(
        {
            "grant_type": "client_credentials",
            "client_id": account["id"],
            "client_secret": account["client_secret"],
        }
    )
    program = Person.by_token(tale.gateway, granted.body["access_token"], 200)
    path = f"/service-accounts/{account['id']}"
    widened: list[dict[str, Any]] = [
        {"permissions": [*rights, P.PAYMENTS_RECORD]},
        {"provider_ids": []},
        {"provider_ids": [provider, tale.providers["N-2"]["id"]]},
    ]
    for change in widened:
        answer = send(http, program, "PATCH", path, change)
        problem(answer, 403, "grants_more_than_held")
    for secret, wanted in (
        (f"{path}/secrets", {}),
        (f"{path}/api-keys", {"name": "k", "scopes": ["clients:read"], "expires_at": None}),
        ("/service-accounts", body),
    ):
        problem(send(http, program, "POST", secret, wanted), 403, "not_in_person")
    wider = tale.gateway.token_for(
        {
            "grant_type": "client_credentials",
            "client_id": account["id"],
            "client_secret": account["client_secret"],
            "scope": "clients:read payments:record",
        }
    )
    assert (wider.status, wider.body["error"]) == (400, "invalid_scope")


def test_nobody_acts_as_a_client_of_a_provider_that_it_does_not_work_for(
    tale: Tale, victim: Newcomer
) -> None:
    helper, _ = employee(tale, "elsewhere", [P.CLIENTS_READ, P.CLIENTS_IMPERSONATE], "N-2")
    theirs = helper.try_to_act_as(victim.client_id, "curious")
    nobody = helper.try_to_act_as(str(uuid4()), "curious")
    assert theirs.status == nobody.status == 404
    assert theirs.body["code"] == nobody.body["code"]
    assert victim.person.list("/impersonations", client_id=victim.client_id) == []


def test_nobody_acts_as_a_client_without_the_right_or_from_within_another_stay(
    http: httpx.Client, tale: Tale, victim: Newcomer, manager: tuple[Person, Json]
) -> None:
    person, _ = manager
    assert person.try_to_act_as(victim.client_id, "curious").status == 403
    assert victim.person.try_to_act_as(tale.client_id, "curious").status == 403
    stay = tale.administrator.act_as(tale.client_id, "a question by phone")
    within = Person.by_token(tale.gateway, stay["access_token"], 200)
    assert within.try_to_act_as(victim.client_id, "curious").status == 403
    for method, path in (
        ("POST", "/me/api-keys"),
        ("PUT", "/me/password"),
        ("POST", f"/clients/{tale.client_id}/users"),
        ("POST", "/service-accounts"),
    ):
        assert send(http, within, method, path, {}).status_code == 403, path


def test_the_last_administrator_stays_by_every_way_there_is(
    http: httpx.Client, tale: Tale, manager: tuple[Person, Json]
) -> None:
    administrator = tale.administrator
    me = administrator.get("/me")["user_id"]
    employees, users, scim = f"/employees/{me}", f"/users/{me}", f"/scim/v2/Users/{me}"
    inactive = {
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
        "Operations": [{"op": "replace", "path": "active", "value": False}],
    }
    away = {"networks": ["203.0.113.0/24"], "without_present_address": True}
    ways: list[tuple[str, str, Any]] = [
        ("PATCH", employees, {"administrator": False}),
        ("POST", f"{employees}/suspend", None),
        ("POST", f"{employees}/end", None),
        ("PATCH", scim, inactive),
        ("DELETE", scim, None),
        ("POST", f"{users}/suspend", None),
        ("PUT", "/me/allowed-addresses", away),
    ]
    other, _ = manager
    administrator.sign_in()
    everybody = administrator.list("/employees")
    assert [e["id"] for e in everybody if e["administrator"]] == [me]  # else it would be let go
    for method, path, body in ways:
        answer = send(http, administrator, method, path, body)
        assert answer.status_code in {403, 409}, (path, answer.text)
        if path.startswith("/me"):
            continue
        answer = send(http, other, method, path, body)
        assert answer.status_code in {403, 404}, (path, answer.text)
    assert administrator.sign_in()
    assert read(http, administrator.token(), "/employees").status_code == 200


def test_what_is_made_by_a_weaker_one_is_refused_before_it_is_looked_at(
    http: httpx.Client, victim: Newcomer
) -> None:
    answer = write(http, victim.person.token(), "/providers", json={})
    problem(answer, 403, "forbidden")
