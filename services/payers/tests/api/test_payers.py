"""`/payers` over HTTP."""

import pytest
from services.payers.tests.world import NOBODY, World, another_world

from florin_chassis.testing.harness import Harness
from florin_contracts.payers import PayerCreated
from florin_contracts.permissions import Permission


async def test_a_created_payer_is_stated_with_its_whole_state(
    world: World, payers: Harness
) -> None:
    answer = await world.create_payer()
    assert answer.status_code == 201, answer.text
    assert answer.headers["ETag"] == '"1"'
    event = (await payers.stated(PayerCreated))[-1]
    assert event["data"] == answer.json()
    read = await payers.http.get(f"/payers/{answer.json()['id']}", headers=world.owner)
    assert (read.json(), read.headers["ETag"]) == (answer.json(), '"1"')


@pytest.mark.parametrize("payer_type", ["legal_entity", "sole_trader"])
async def test_a_business_without_a_tax_number_is_refused(world: World, payer_type: str) -> None:
    answer = await world.create_payer(payer_type=payer_type, tax_number=None)
    assert answer.status_code == 422
    assert [error["field"] for error in answer.json()["errors"]] == ["tax_number"]


@pytest.mark.parametrize(
    ("payer", "check"),
    [
        ({"tax_number": "7707083894"}, "checksum"),
        ({"tax_number": "500100732259"}, "length"),
        ({"tax_number": "77070838X3"}, "characters"),
        ({"country": "DE", "tax_number": "DE136695978"}, "checksum"),
        ({"country": "US", "tax_number": "07-1144442"}, "component"),
        ({"country": "DE", "tax_number": "DE136695976", "payer_type": "individual"}, "unexpected"),
    ],
)
async def test_of_a_tax_number_that_the_payers_country_does_not_know_the_failed_check_is_named(
    world: World, payers: Harness, payer: dict[str, str], check: str
) -> None:
    before = await payers.stated()
    answer = await world.create_payer(**{"payer_type": "legal_entity", **payer})
    assert answer.status_code == 422, answer.text
    assert [(e["field"], e["code"]) for e in answer.json()["errors"]] == [("tax_number", check)]
    assert await payers.stated() == before


@pytest.mark.parametrize(
    ("country", "payer_type", "number"),
    [
        ("RU", "legal_entity", "7707083893"),
        ("RU", "sole_trader", "500100732259"),
        ("DE", "legal_entity", "DE136695976"),
        ("NL", "legal_entity", "NL123456789B01"),
    ],
)
async def test_a_tax_number_as_the_payers_country_and_type_have_it_is_taken(
    world: World, country: str, payer_type: str, number: str
) -> None:
    answer = await world.create_payer(country=country, payer_type=payer_type, tax_number=number)
    assert answer.status_code == 201, answer.text


async def test_an_individual_needs_no_tax_number(world: World) -> None:
    answer = await world.create_payer(payer_type="individual", tax_number=None)
    assert (answer.status_code, answer.json()["tax_number"]) == (201, None)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", ""),
        ("country", "Russia"),
        ("email", "nowhere"),
        ("payer_type", "ghost"),
        ("client_id", "1"),
        ("tax_number", "1\n2"),
        ("debt", "1"),
    ],
)
async def test_a_wrong_field_is_named(world: World, field: str, value: str) -> None:
    answer = await world.create_payer(**{field: value})
    assert answer.status_code == 422
    assert [error["field"] for error in answer.json()["errors"]] == [field]


async def test_a_client_that_is_not_known_is_not_found(world: World, payers: Harness) -> None:
    everywhere = payers.signed_in(Permission.PAYERS_WRITE, everywhere=True)
    for headers in (world.owner, world.employee, everywhere):
        answer = await world.create_payer(headers, client_id=str(NOBODY))
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


async def test_a_client_out_of_reach_is_not_found(world: World, payers: Harness) -> None:
    other = await another_world(payers)
    before = await payers.stated()
    for headers in (other.owner, other.employee):
        assert (await world.create_payer(headers)).status_code == 404
    assert await payers.stated() == before


async def test_an_employee_creates_a_payer_for_a_client_of_its_provider(world: World) -> None:
    assert (await world.create_payer(world.employee)).status_code == 201


async def test_a_payer_is_seen_by_employees_of_all_its_client_s_providers(
    world: World, payers: Harness
) -> None:
    other = await another_world(payers, "EUR")
    assert await world.listed("/payers", other.employee, client_id=world.client_id) == []
    await payers.deliver(world.joined(other.provider_id), sequence=2)
    (seen,) = await world.listed("/payers", other.employee, client_id=world.client_id)
    assert seen["id"] == str(world.payer_id)
    assert len(await world.listed("/payers", world.employee)) == 1


async def test_another_tenant_s_payer_is_not_found(world: World, payers: Harness) -> None:
    other = await another_world(payers)
    for headers in (other.owner, other.employee):
        answer = await payers.http.get(f"/payers/{world.payer_id}", headers=headers)
        assert answer.status_code == 404
