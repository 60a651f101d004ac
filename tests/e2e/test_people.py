"""Who may sign in, as whom and since when, is decided in one place: through the gateway."""

from typing import Any

import httpx
from tests.e2e.answers import problem, write

from florin_local.demo.api import Json
from florin_local.demo.checks import expect, until
from florin_local.demo.tale import Tale, new_password


def employee(tale: Tale, name: str, **changes: Any) -> Json:
    return {"name": name, "email": tale.email(name), "permissions": []} | changes


def test_an_employee_is_invited_where_nobody_signs_in_already(
    http: httpx.Client, tale: Tale
) -> None:
    token = tale.administrator.token()
    body = employee(tale, "doubled", email=tale.client.email)
    problem(write(http, token, "/employees", json=body), 409, "email_taken")
    invited = tale.administrator.post("/employees", employee(tale, "moved"))
    elsewhere = {"email": tale.email("moved-on")}
    headers = {"Authorization": f"Bearer {token}"}
    path = f"/employees/{invited['id']}"
    answer = http.patch(path, json={"email": tale.client.email}, headers=headers)
    problem(answer, 409, "email_taken")
    answer = http.patch(path, json=elsewhere, headers=headers)
    assert (answer.status_code, answer.json()["refused_because"]) == (200, None), answer.text
    until(lambda: _signs_in_at(tale, invited["id"], elsewhere["email"]))


def _signs_in_at(tale: Tale, user_id: str, email: str) -> None:
    expect("its address", tale.administrator.get(f"/users/{user_id}")["email"], email)


def test_employees_are_suspended_at_providers_alone(http: httpx.Client, tale: Tale) -> None:
    invited = tale.administrator.post("/employees", employee(tale, "suspended"))
    token = tale.administrator.token()
    link = until(lambda: tale.administrator.post(f"/users/{invited['id']}/invitation", {}))
    assert link["invitation_token"]
    answer = write(http, token, f"/users/{invited['id']}/suspend")
    problem(answer, 409, "suspended_by_providers")
    assert write(http, token, f"/employees/{invited['id']}/suspend").status_code == 200


def test_a_clients_owner_renews_an_invitation_of_its_own_people(
    http: httpx.Client, tale: Tale
) -> None:
    body = {"name": "Fin", "email": tale.email("renewed"), "role": "finance", "permissions": []}
    invited = tale.client.post(f"/clients/{tale.client_id}/users", body)
    path = f"/users/{invited['id']}/invitation"
    link = until(lambda: tale.client.post(path, {}))
    accepted = {"token": link["invitation_token"], "password": new_password()}
    assert tale.gateway.ask("POST", "/invitations/accept", body=accepted).status == 200
    problem(write(http, tale.client.token(), path), 409, "user_not_invited")


def test_a_client_corrects_the_address_of_whom_it_invited_until_that_one_signs_in(
    http: httpx.Client, tale: Tale
) -> None:
    people = f"/clients/{tale.client_id}/users"
    body = {"name": "Fin", "email": tale.email("wrong"), "role": "finance", "permissions": []}
    invited = tale.client.post(people, body)
    expect("refused", invited["refused_because"], None)
    headers = {"Authorization": f"Bearer {tale.client.token()}"}
    path, right = f"{people}/{invited['id']}", {"email": tale.email("right")}
    taken = http.patch(path, json={"email": tale.client.email}, headers=headers)
    problem(taken, 409, "email_taken")
    assert http.patch(path, json=right, headers=headers).status_code == 200
    until(lambda: _signs_in_at(tale, invited["id"], right["email"]))
    link = tale.client.post(f"/users/{invited['id']}/invitation", {})
    accepted = {"token": link["invitation_token"], "password": new_password()}
    assert tale.gateway.ask("POST", "/invitations/accept", body=accepted).status == 200
    until(lambda: expect("joined", tale.client.get(path)["status"], "active"))
    late = http.patch(path, json={"email": tale.email("late")}, headers=headers)
    problem(late, 409, "email_is_the_users")
