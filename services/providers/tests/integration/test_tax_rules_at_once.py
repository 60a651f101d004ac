"""Two who set the same tax at once leave one rule, and the other is told which."""

import asyncio

import pytest
from services.providers.tests.api.test_tax_rules import PAST, ask, rule, seller
from services.providers.tests.integration.test_last_administrator import replica
from services.providers.tests.making import administrator
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from florin_chassis.testing.harness import Harness


async def test_of_two_rules_set_at_once_one_is_kept_and_the_other_names_it(
    providers: Harness,
) -> None:
    own = await seller(providers)
    body = {"company_id": own, "tax": "VAT", "rate": "20", "valid_from": PAST}
    async with replica(providers) as second:
        headers = administrator(providers)
        answers = await asyncio.gather(
            *(
                http.post("/tax-rules", json=body | {"rate": rate}, headers=headers)
                for http, rate in ((providers.http, "20"), (second, "19")) * 4
            )
        )
    (kept,) = [answer.json()["id"] for answer in answers if answer.status_code == 201]
    refused = {(a.status_code, a.json().get("rule_id")) for a in answers if a.status_code != 201}
    assert refused == {(409, kept)}


async def test_the_database_keeps_no_two_rules_that_say_of_the_same(providers: Harness) -> None:
    own = await seller(providers)
    first = await rule(providers, own)
    withdrawn = await rule(providers, own, tax="GST", valid_from="9000-01-01")
    await ask(providers, "DELETE", f"/tax-rules/{withdrawn['id']}")
    copied = text(
        "INSERT INTO tax_rules SELECT (r).* FROM (SELECT jsonb_populate_record(NULL::tax_rules,"
        " to_jsonb(t) || jsonb_build_object('id', gen_random_uuid())) AS r FROM tax_rules t"
        " WHERE id = :id) copied"
    )
    async with providers.runtime.database.engine.connect() as connection:
        await connection.execute(copied, {"id": withdrawn["id"]})
        with pytest.raises(IntegrityError, match="ex_tax_rules_overlap"):
            await connection.execute(copied, {"id": first["id"]})
