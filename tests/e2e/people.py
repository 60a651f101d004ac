"""Clients that register themselves, beside the one of the story."""

from typing import NamedTuple

from florin_local.demo.api import Person
from florin_local.demo.checks import expect, expect_one, until
from florin_local.demo.tale import Tale, new_password


class Newcomer(NamedTuple):
    """A client of N-1, and the person who registered it."""

    person: Person
    client_id: str


def registered(tale: Tale, name: str, country: str = "RU") -> Newcomer:
    """Registered just now; returns when all services have heard of it."""
    person = Person(tale.gateway, tale.email(name), new_password())
    registration = {
        "name": name.title(),
        "email": person.email,
        "password": person.password,
        "provider_id": tale.providers["N-1"]["id"],
        "country": country,
    }
    answer = tale.gateway.ask("POST", "/registrations", body=registration)
    expect("the status of the registration", answer.status, 201)
    client_id: str = answer.body["client_id"]
    until(lambda: expect_one("accounts", person.list("/accounts", client_id=client_id)))
    return Newcomer(person, client_id)


def payer_of(newcomer: Newcomer, country: str = "RU") -> str:
    """The id of a new payer of this client's, a natural person."""
    payer = {
        "client_id": newcomer.client_id,
        "payer_type": "individual",
        "name": "A payer",
        "country": country,
        "email": newcomer.person.email,
        "tax_number": None,
    }
    return str(newcomer.person.post("/payers", payer)["id"])
