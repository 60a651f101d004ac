"""Evaluating service conditions asks the database once, however many rules there are."""

from uuid import UUID

from services.providers.tests.making import administrator, company, provider
from sqlalchemy import event

from florin_chassis.testing.harness import Harness
from florin_contracts.party import PayerType
from florin_providers.queries.explain_company_choice import explain_company_choice


async def test_the_choice_of_a_company_is_one_query(providers: Harness) -> None:
    seller = (await provider(providers))["id"]
    made = (await company(providers, seller))["id"]
    rules = [{"company_id": made, "country": "RU"}] * 50 + [{"company_id": made}]
    await providers.http.put(
        f"/providers/{seller}/service-conditions",
        json={"conditions": rules},
        headers=administrator(providers),
    )
    statements: list[str] = []
    engine = providers.runtime.database.engine.sync_engine

    def count(_: object, __: object, statement: str, *___: object) -> None:
        statements.append(statement)

    async with providers.begin() as transaction:
        event.listen(engine, "before_cursor_execute", count)
        try:
            choice = await explain_company_choice(
                transaction.session, UUID(seller), "DE", PayerType.INDIVIDUAL
            )
        finally:
            event.remove(engine, "before_cursor_execute", count)
    assert str(choice.company_id) == made
    assert len(choice.rules) == 51
    assert len(statements) == 1
