"""Employees that an attack starts from: of some providers, with some rights."""

from collections.abc import Sequence
from typing import Any

from florin_contracts.permissions import Permission
from florin_local.demo.api import Json, Person
from florin_local.demo.checks import expect, until
from florin_local.demo.tale import Tale, new_password


def joined(tale: Tale, invited: Json) -> Person:
    """Whoever was invited, with a password."""
    url = f"/users/{invited['id']}/invitation"
    link: Json = until(lambda: tale.administrator.post(url, {}))
    person = Person(tale.gateway, invited["email"], new_password())
    body = {"token": link["invitation_token"], "password": person.password}
    expect("accepted", tale.gateway.ask("POST", "/invitations/accept", body=body).status, 200)
    return person


def employee(
    tale: Tale, name: str, permissions: Sequence[Permission], *providers: str, **state: Any
) -> tuple[Person, Json]:
    """An employee of these providers of the story's; of all there are if none are named."""
    body = {
        "name": name.title(),
        "email": tale.email(name),
        "provider_ids": [tale.providers[provider]["id"] for provider in providers],
        "department_ids": [],
        "permissions": list(permissions),
    }
    invited = tale.administrator.post("/employees", body | state)
    return joined(tale, invited), invited
