"""Whom a provider lets register itself, and what has to be accepted."""

import pytest
from services.identity.tests.making import provider, registration

from florin_chassis.testing.harness import Harness
from florin_contracts.providers import RegistrationRules

TERMS = "https://n-1.example/terms/2026-03"


@pytest.mark.parametrize(
    ("rules", "status"),
    [
        (RegistrationRules(countries_allowed=("RU", "KZ")), 201),
        (RegistrationRules(countries_allowed=("KZ",)), 409),
        (RegistrationRules(countries_refused=("KP",)), 201),
        (RegistrationRules(countries_refused=("RU",)), 409),
    ],
)
async def test_clients_of_countries_that_a_provider_does_not_serve_are_refused(
    identity: Harness, rules: RegistrationRules, status: int
) -> None:
    seller = await provider(identity, rules=rules)
    body = await registration(identity, provider_id=str(seller), country="RU")
    answer = await identity.http.post("/registrations", json=body)
    assert answer.status_code == status
    if status == 409:
        assert (answer.json()["code"], answer.json()["country"]) == ("country_not_served", "RU")
        assert await identity.stated() == []


async def test_a_country_that_there_is_not_is_refused_by_field(identity: Harness) -> None:
    answer = await identity.http.post(
        "/registrations", json=await registration(identity, country="XX")
    )
    assert [error["field"] for error in answer.json()["errors"]] == ["country"]


async def test_whoever_registers_accepts_the_terms_as_they_are_now_and_it_is_remembered(
    identity: Harness,
) -> None:
    seller = await provider(identity, rules=RegistrationRules(terms_url=TERMS))
    for accepted in (None, "https://n-1.example/terms/2025-01"):
        body = await registration(identity, provider_id=str(seller), accepted_terms=accepted)
        answer = await identity.http.post("/registrations", json=body)
        assert (answer.status_code, answer.json()["code"]) == (409, "terms_not_accepted")
        assert answer.json()["terms_url"] == TERMS
    assert await identity.stated() == []
    body = await registration(identity, provider_id=str(seller), accepted_terms=TERMS)
    answer = await identity.http.post("/registrations", json=body)
    assert answer.status_code == 201, answer.text
    log = await identity.http.get(
        "/security-log",
        params={"act": "terms_accepted"},
        headers=identity.signed_in("security:read", everywhere=True),
    )
    (entry,) = log.json()["data"]
    assert entry["subject"] == answer.json()["user"]["id"]
    assert entry["details"] == {"terms_url": TERMS}
