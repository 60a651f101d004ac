"""Who walks: the administrator, an employee for each section, each role of a client, a stranger."""

from dataclasses import dataclass
from typing import Final

from florin_contracts.permissions import (
    ADMINISTRATOR_PERMISSIONS,
    CLIENT_ROLES,
    SECTIONS,
    ClientRole,
    Section,
)
from florin_local.demo.api import Json, Person
from florin_local.demo.checks import expect, until
from florin_local.demo.tale import Tale, new_password

EVERYTHING: Final = frozenset[str](ADMINISTRATOR_PERMISSIONS)


@dataclass(frozen=True)
class Role:
    """Somebody signed in, and what the contracts say that such a one may do."""

    name: str
    person: Person
    permissions: frozenset[str]
    in_person: bool = True
    everywhere: bool = False

    def may(self, permission: str) -> bool:
        """Whether it holds the permission."""
        return permission in self.permissions


def roles(tale: Tale) -> list[Role]:
    """Those of one telling, all of its own providers and its own client."""
    return [
        Role("administrator", tale.administrator, EVERYTHING, everywhere=True),
        *(_in_section(tale, section) for section in Section),
        Role("owner", tale.client, _of_client(ClientRole.OWNER)),
        *(_member(tale, role) for role in ClientRole if role is not ClientRole.OWNER),
        _impersonator(tale),
    ]


def staff(tale: Tale) -> Person:
    """An employee of the telling's providers with every section."""
    return _employee(tale, "all", list(Section))


def _in_section(tale: Tale, section: Section) -> Role:
    held = frozenset[str](SECTIONS[section])
    return Role(f"employee: {section}", _employee(tale, section, [section]), held)


def _employee(tale: Tale, name: str, sections: list[Section]) -> Person:
    department = tale.administrator.post(
        "/departments", {"name": name, "sections": sections, "permissions": []}
    )
    body = {
        "name": name,
        "email": tale.email(f"employee-{name}"),
        "provider_ids": [provider["id"] for provider in tale.providers.values()],
        "department_ids": [department["id"]],
        "permissions": [],
    }
    return _joined(tale, tale.administrator, tale.administrator.post("/employees", body))


def _member(tale: Tale, role: ClientRole) -> Role:
    body = {"name": role, "email": tale.email(f"member-{role}"), "role": role, "permissions": []}
    invited = tale.client.post(f"/clients/{tale.client_id}/users", body)
    return Role(role, _joined(tale, tale.client, invited), _of_client(role))


def _of_client(role: ClientRole) -> frozenset[str]:
    return frozenset[str](CLIENT_ROLES[role])


def _joined(tale: Tale, inviting: Person, invited: Json) -> Person:
    link: Json = until(lambda: inviting.post(f"/users/{invited['id']}/invitation", {}))
    person = Person(tale.gateway, invited["email"], new_password())
    body = {"token": link["invitation_token"], "password": person.password}
    expect("accepted", tale.gateway.ask("POST", "/invitations/accept", body=body).status, 200)
    return person


def _impersonator(tale: Tale) -> Role:
    """An administrator who acts as the client, with the client's rights and no others."""
    token = tale.administrator.act_as(tale.client_id, "walks the matrix")
    person = Person.by_token(tale.gateway, token["access_token"], token["expires_in"])
    return Role("impersonator", person, _of_client(ClientRole.OWNER), in_person=False)
