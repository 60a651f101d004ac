"""A payer's company is chosen once, kept, and chosen anew when it is asked for."""

from typing import Any
from uuid import UUID

from services.payers.tests.world import World

from florin_chassis.ids import new_id
from florin_chassis.testing.harness import Harness
from florin_contracts.payers import PayerCompanyChosen
from florin_contracts.providers import (
    CompanyLinksChanged,
    ServiceCondition,
    ServiceConditionsChanged,
    ServiceConditionsReevaluated,
)


async def another_company(world: World, payers: Harness) -> UUID:
    """It serves the same provider, and all conditions name it from now on."""
    other = World(payers, provider_id=world.provider_id, company_id=new_id())
    await payers.deliver(other.company())
    await payers.deliver(ServiceConditionsChanged(**named(world, other.company_id)), sequence=2)
    return other.company_id


def named(world: World, company_id: UUID) -> dict[str, Any]:
    return dict(world.provider(ServiceCondition(company_id=company_id)))


async def test_a_payer_keeps_its_company_though_conditions_change(
    world: World, payers: Harness
) -> None:
    await world.invoiced()
    await another_company(world, payers)
    assert (await world.invoiced())["company_id"] == str(world.company_id)
    (chosen,) = await payers.stated(PayerCompanyChosen)
    assert chosen["data"]["company_id"] == str(world.company_id)


async def test_after_a_reevaluation_the_company_is_chosen_anew_and_earlier_invoices_stay(
    world: World, payers: Harness
) -> None:
    first = await world.invoiced()
    other = await another_company(world, payers)
    asked = ServiceConditionsReevaluated(**named(world, other) | {"evaluation": 1})
    await payers.deliver(asked, sequence=3)
    for _ in "12":
        assert (await world.invoiced())["company_id"] == str(other)
    assert len(await payers.stated(PayerCompanyChosen)) == 2
    companies = {i["id"]: i["company_id"] for i in await world.listed("/invoices")}
    assert companies[first["id"]] == str(world.company_id)


async def test_a_company_that_serves_the_provider_no_more_is_not_kept(
    world: World, payers: Harness
) -> None:
    await world.invoiced()
    other = await another_company(world, payers)
    resting = {"provider_ids": (), "suspended_provider_ids": (world.provider_id,)}
    await payers.deliver(CompanyLinksChanged(**dict(world.company()) | resting))
    assert (await world.invoiced())["company_id"] == str(other)
