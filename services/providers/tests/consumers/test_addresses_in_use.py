"""An employee is invited where nobody signs in already; who is all the same shows why it cannot."""

from typing import Any

from services.providers.tests.making import administrator, made

from florin_chassis.ids import new_id
from florin_chassis.testing.harness import Harness
from florin_contracts.identity import (
    UserActivated,
    UserInvited,
    UserKind,
    UserLeft,
    UserStatus,
)
from florin_contracts.providers import EmployeeChanged

EMAIL = "ada@vega.example"
PERSON: dict[str, Any] = {"name": "Ada", "email": EMAIL}


def login(fact: Any = UserActivated, **changes: Any) -> Any:
    """Of one of a client's people, at the address."""
    state: dict[str, Any] = {
        "id": new_id(),
        "name": "Ada",
        "email": EMAIL,
        "kind": UserKind.CLIENT,
        "status": UserStatus.ACTIVE,
        "administrator": False,
        "client_id": new_id(),
    }
    return fact(**state | changes)


async def asked(providers: Harness, employee_id: str) -> dict[str, Any]:
    headers = administrator(providers)
    one = await providers.http.get(f"/employees/{employee_id}", headers=headers)
    page = await providers.http.get("/employees", headers=headers)
    assert one.json() in page.json()["data"]
    return dict(one.json())


async def test_nobody_is_invited_where_a_clients_person_signs_in(providers: Harness) -> None:
    user = login()
    await providers.deliver(user)
    headers = administrator(providers)
    answer = await providers.http.post("/employees", json=PERSON, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (409, "email_taken")
    left = login(UserLeft, id=user.id, status=UserStatus.LEFT)
    await providers.deliver(left)
    assert (await made(providers, "/employees", PERSON))["refused_because"] is None


async def test_who_was_invited_there_all_the_same_says_why_it_has_no_login_and_is_corrected(
    providers: Harness,
) -> None:
    employee = await made(providers, "/employees", PERSON)
    assert employee["refused_because"] is None
    await providers.deliver(login())
    found = await asked(providers, employee["id"])
    assert (found["status"], found["refused_because"]) == ("invited", "address_in_use")
    path, headers = f"/employees/{employee['id']}", administrator(providers)
    again = await providers.http.patch(path, json={"email": EMAIL, "name": "A."}, headers=headers)
    assert again.json()["refused_because"] == "address_in_use"
    other = await providers.http.patch(path, json={"email": "ada@n-1.example"}, headers=headers)
    assert (other.status_code, other.json()["refused_because"]) == (200, None)
    changed = (await providers.stated(EmployeeChanged))[-1]
    assert changed["data"]["email"] == "ada@n-1.example"
    back = await providers.http.patch(path, json={"email": EMAIL}, headers=headers)
    assert (back.status_code, back.json()["code"]) == (409, "email_taken")


async def test_who_has_a_login_is_not_refused(providers: Harness) -> None:
    employee = await made(providers, "/employees", PERSON)
    own = {"id": employee["id"], "kind": UserKind.EMPLOYEE, "client_id": None}
    await providers.deliver(login(UserInvited, **own, status=UserStatus.INVITED))
    assert (await asked(providers, employee["id"]))["refused_because"] is None
