"""Readiness tells the truth, and a database that is away is a 503, not a defect of ours."""

from dataclasses import replace

import httpx
import pytest
from chassis.tests.weather.service import service
from pydantic import SecretStr

from florin_chassis.database import Database
from florin_chassis.processes import service_app
from florin_chassis.runtime import Runtime
from florin_chassis.schema import SchemaBehind, check_schema
from florin_chassis.testing.harness import Harness


async def test_a_migrated_service_is_ready(weather: Harness) -> None:
    answer = await weather.http.get("/readyz")
    assert (answer.status_code, answer.json()["ready"]) == (200, True)


async def test_a_database_behind_the_code_is_not_ready(weather: Harness) -> None:
    engine = weather.runtime.database.engine
    with pytest.raises(SchemaBehind, match="weather is at 0001, not at 0002"):
        await check_schema(engine, {"weather": 2})
    await check_schema(engine, {"weather": 1, "chassis": 1})


async def without_database(weather: Harness) -> Runtime:
    nowhere = SecretStr("postgresql+asyncpg://nobody:x@127.0.0.1:1/nothing")
    settings = weather.runtime.settings.model_copy(update={"database_url": nowhere})
    return replace(weather.runtime, settings=settings, database=Database(settings))


async def test_without_its_database_a_service_lives_is_not_ready_and_says_503(
    weather: Harness,
) -> None:
    app = await service_app(service, await without_database(weather))
    headers = weather.signed_in("stations:read", everywhere=True)
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://service") as http:
        assert (await http.get("/livez")).status_code == 200
        assert (await http.get("/readyz")).status_code == 503
        answer = await http.get("/stations", headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (503, "unavailable")
    assert "Retry-After" in answer.headers


async def test_metrics_are_in_prometheus_form(weather: Harness) -> None:
    await weather.http.get("/weather")
    answer = await weather.http.get("/metrics")
    assert 'florin_http_request_seconds_count{method="GET",route="/weather"' in answer.text
