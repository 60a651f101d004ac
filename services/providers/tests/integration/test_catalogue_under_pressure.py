"""Two at once, and a process that dies: prices do not overlap, an import is whole or not there."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from services.providers.tests.integration.test_importing import ROW, as_csv, products
from services.providers.tests.making import administrator, made, provider
from services.providers.tests.receiver import until
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from florin_chassis.ids import new_id
from florin_chassis.testing.harness import Harness
from florin_contracts.providers import PriceChanged, ProductCreated
from florin_providers.use_cases.run_waiting_imports import run_waiting_imports

PLANS = 3_000


async def hosting(providers: Harness) -> str:
    """A plan's id."""
    seller = (await provider(providers))["id"]
    plan = {"name": "P", "period": "month", "price": {"amount": "1.00", "currency": "RUB"}}
    body = {"provider_id": seller, "name": "Hosting", "plans": [plan]}
    return str((await made(providers, "/products", body))["plans"][0]["id"])


async def test_of_ten_changes_of_one_price_at_once_one_is_made(providers: Harness) -> None:
    plan_id = await hosting(providers)
    soon = (datetime.now(UTC) + timedelta(days=1)).isoformat()

    def change(amount: int) -> Any:
        body = {
            "period": "month",
            "price": {"amount": f"{amount}.00", "currency": "RUB"},
            "valid_from": soon,
        }
        return providers.http.post(
            f"/plans/{plan_id}/prices", json=body, headers=administrator(providers)
        )

    answers = await asyncio.gather(*map(change, range(2, 12)))
    assert sorted(answer.status_code for answer in answers) == [201] + [409] * 9
    refused = {answer.json()["code"] for answer in answers if answer.status_code == 409}
    assert refused == {"price_periods_overlap"}
    assert len(await providers.stated(PriceChanged)) == 1


async def test_the_database_itself_keeps_no_two_prices_for_one_moment(
    providers: Harness,
) -> None:
    await hosting(providers)
    again = text("INSERT INTO prices SELECT :id, plan_id, currency, term, valid, price FROM prices")
    with pytest.raises(IntegrityError, match="ex_prices_overlap"):
        async with providers.runtime.database.engine.begin() as connection:
            await connection.execute(again, {"id": new_id()})


@asynccontextmanager
async def scheduler(providers: Harness) -> AsyncIterator[asyncio.subprocess.Process]:
    """`python -m florin_providers scheduler`, as it runs in production."""
    settings = providers.runtime.settings
    environment = os.environ | {
        "FLORIN_DATABASE_URL": settings.database_url.get_secret_value(),
        "FLORIN_KAFKA_BOOTSTRAP": settings.kafka_bootstrap,
        "FLORIN_JWKS_URL": settings.jwks_url,
        "FLORIN_TOKEN_ISSUER": settings.token_issuer,
        "FLORIN_KEY_ENCRYPTION_SECRET": settings.key_encryption_secret.get_secret_value(),  # type: ignore[attr-defined]
        "FLORIN_HTTP_PORT": "0",
    }
    started = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "florin_providers", "scheduler", env=environment
    )
    try:
        yield started
    finally:
        if started.returncode is None:
            started.kill()
        await started.wait()


async def test_an_import_killed_while_it_is_applied_is_not_there_and_is_applied_once_afterwards(
    providers: Harness,
) -> None:
    seller = (await provider(providers))["id"]
    begun = await made(providers, "/catalogue/imports", {"provider_id": seller})
    path, headers = f"/catalogue/imports/{begun['id']}", administrator(providers)
    rows = [
        ROW | {"product_code": f"p{n // 10:04}", "plan_code": f"plan-{n}"} for n in range(PLANS)
    ]
    await providers.http.put(f"{path}/parts/1", content=as_csv(rows), headers=headers)
    await providers.http.post(f"{path}/submit", headers=headers)

    async def half_applied() -> bool:
        found = (await providers.http.get(path, headers=headers)).json()
        return bool(found["status"] == "applying" and found["applied"])

    async with scheduler(providers) as killed:
        await until(half_applied)
        killed.send_signal(signal.SIGKILL)
        await killed.wait()
    assert await products(providers) == []
    assert await providers.stated(ProductCreated) == []
    await run_waiting_imports(providers.runtime)
    done = (await providers.http.get(path, headers=headers)).json()
    assert (done["status"], done["created"], done["applied"]) == ("applied", PLANS // 10, PLANS)
    assert len(await providers.stated(ProductCreated)) == PLANS // 10
