"""What happens around every route: permission, tenant, idempotency, versions, pages, problems."""

import asyncio
import hashlib
import hmac
import json
import time
from uuid import UUID

import httpx
import pytest
from chassis.tests.weather.models import Base, Station, open_station
from chassis.tests.weather.service import service
from sqlalchemy import select

from florin_chassis.http.endpoint import Router
from florin_chassis.ids import new_id
from florin_chassis.tables import idempotency_records
from florin_chassis.testing.harness import Harness
from florin_chassis.testing.tokens import Issuer


def writer(weather: Harness, country: UUID) -> dict[str, str]:
    reach = {"country": [country]}
    return weather.signed_in("stations:write", "stations:read", reach=reach)


def new(country: UUID, name: str = "Pulkovo") -> dict[str, str]:
    return {"name": name, "country": str(country)}


def code(answer: httpx.Response) -> tuple[int, str]:
    assert answer.headers["content-type"] == "application/problem+json", answer.text
    problem = answer.json()
    assert problem["status"] == answer.status_code
    return answer.status_code, problem["code"]


def test_a_route_without_a_permission_does_not_start() -> None:
    with pytest.raises(TypeError, match="declares no permission"):
        Router().get("/open-to-all")(lambda: None)


def test_every_route_of_a_service_is_an_endpoint_with_its_permission() -> None:
    for router in service.routers:
        assert all(getattr(route, "permission", "") for route in router.routes)


async def test_no_token_is_401_and_a_missing_permission_403(
    weather: Harness, country: UUID
) -> None:
    assert code(await weather.http.get("/stations")) == (401, "unauthenticated")
    headers = weather.signed_in("stations:read", everywhere=True)
    answer = await weather.http.post("/stations", json=new(country), headers=headers)
    assert code(answer) == (403, "forbidden")
    assert answer.json()["permission"] == "stations:write"


async def test_permission_is_checked_before_the_body_is_read(weather: Harness) -> None:
    answer = await weather.http.post("/stations", content=b"{not json")
    assert code(answer) == (401, "unauthenticated")


@pytest.mark.parametrize(
    "claims",
    [
        {"exp": 1},
        {"iss": "https://elsewhere.test"},
        {"aud": "another"},
        {"sub": "not-an-id"},
        {"prm": 1},
        {"ver": "x"},
        {"sid": "x"},
        {"act": {}},
    ],
)
async def test_a_token_with_a_wrong_claim_is_refused(
    weather: Harness, claims: dict[str, object]
) -> None:
    token = weather.issuer.token(["stations:read"], **claims)  # type: ignore[arg-type]
    headers = {"Authorization": f"Bearer {token}"}
    assert code(await weather.http.get("/stations", headers=headers)) == (401, "unauthenticated")


@pytest.mark.parametrize("token", ["x", "a.b.c", "eyJhbGciOiJub25lIn0.e30.", "y" * 9000])
async def test_a_token_that_is_none_is_refused(weather: Harness, token: str) -> None:
    headers = {"Authorization": f"Bearer {token}"}
    assert code(await weather.http.get("/stations", headers=headers)) == (401, "unauthenticated")


async def test_a_token_of_a_foreign_key_is_refused(weather: Harness) -> None:
    token = Issuer(service.catalogue).token(["stations:read"], everywhere=True)
    headers = {"Authorization": f"Bearer {token}"}
    assert code(await weather.http.get("/stations", headers=headers)) == (401, "unauthenticated")


async def test_a_list_holds_nothing_of_another_tenant(weather: Harness, country: UUID) -> None:
    await open_station("Ours", country, weather.begin)
    await open_station("Canary", new_id(), weather.begin)
    answer = await weather.http.get("/stations", headers=writer(weather, country))
    assert [station["name"] for station in answer.json()["data"]] == ["Ours"]


async def test_pages_follow_each_other_without_gap_or_overlap(
    weather: Harness, country: UUID
) -> None:
    for number in range(5):
        await open_station(str(number), country, weather.begin)
    headers = writer(weather, country)
    names: list[str] = []
    cursor: str | None = ""
    while cursor is not None:
        query = {"limit": "2"} | ({"cursor": cursor} if cursor else {})
        page = (await weather.http.get("/stations", params=query, headers=headers)).json()
        names += [station["name"] for station in page["data"]]
        cursor = page["next_cursor"]
        assert page["has_more"] == (cursor is not None)
    assert names == list("01234")


@pytest.mark.parametrize("query", ["limit=0", "limit=201", "limit=x", "cursor=!", "cursor=YWJj"])
async def test_a_wrong_page_is_refused(weather: Harness, country: UUID, query: str) -> None:
    headers = writer(weather, country)
    assert code(await weather.http.get(f"/stations?{query}", headers=headers)) == (422, "malformed")


@pytest.mark.parametrize(
    ("body", "field"),
    [
        (b"{not json", "1"),
        (b'{"name": "x"}', "country"),
        (b'{"name": 5, "country": "00000000-0000-0000-0000-000000000000"}', "name"),
        (b'{"name": "x\\u0000", "country": "00000000-0000-0000-0000-000000000000"}', "name"),
        (b'{"name": "x", "country": "no"}', "country"),
        (b'{"name": "x", "country": "00000000-0000-0000-0000-000000000000", "z": 1}', "z"),
    ],
)
async def test_a_bad_body_names_the_field(
    weather: Harness, country: UUID, body: bytes, field: str
) -> None:
    headers = writer(weather, country) | {"Content-Type": "application/json"}
    answer = await weather.http.post("/stations", content=body, headers=headers)
    assert code(answer) == (422, "malformed")
    assert answer.json()["errors"][0]["field"] == field
    assert await weather.stated() == []


async def test_a_number_that_no_column_can_hold_is_refused(weather: Harness, country: UUID) -> None:
    station = await open_station("Pulkovo", country, weather.begin)
    answer = await weather.http.put(
        f"/stations/{station.id}/degrees",
        json={"degrees": -(10**30)},
        headers=writer(weather, country),
    )
    assert code(answer) == (422, "malformed")
    assert len(await weather.stated()) == 1


async def test_a_body_over_the_limit_is_refused_declared_or_not(
    weather: Harness, country: UUID
) -> None:
    headers = writer(weather, country)
    declared = await weather.http.post("/stations", content=b"x" * 5_000_000, headers=headers)
    assert code(declared) == (413, "too_large")

    async def chunks() -> object:
        for _ in range(50):
            yield b"x" * 100_000

    undeclared = await weather.http.post("/stations", content=chunks(), headers=headers)  # type: ignore[arg-type]
    assert code(undeclared) == (413, "too_large")


async def test_twenty_requests_with_one_key_have_one_effect(
    weather: Harness, country: UUID
) -> None:
    headers = writer(weather, country) | {"Idempotency-Key": "same"}
    post = weather.http.post
    answers = await asyncio.gather(
        *(post("/stations", json=new(country), headers=headers) for _ in range(20))
    )
    made = [answer for answer in answers if answer.status_code == 201]
    waiting = [answer for answer in answers if answer.status_code != 201]
    assert made
    assert {code(answer) for answer in waiting} <= {(409, "idempotency_key_in_flight")}
    assert len({answer.content for answer in made}) == 1
    assert len(await weather.stated()) == 1


async def test_a_key_that_was_used_for_another_body_is_refused(
    weather: Harness, country: UUID
) -> None:
    headers = writer(weather, country) | {"Idempotency-Key": "same"}
    await weather.http.post("/stations", json=new(country), headers=headers)
    answer = await weather.http.post("/stations", json=new(country, "Other"), headers=headers)
    assert code(answer) == (422, "idempotency_key_reused")
    assert len(await weather.stated()) == 1


async def test_a_refusal_is_kept_under_its_key_too(weather: Harness, country: UUID) -> None:
    await open_station("Pulkovo", country, weather.begin)
    headers = writer(weather, country) | {"Idempotency-Key": "refused"}
    first = await weather.http.post("/stations", json=new(country), headers=headers)
    second = await weather.http.post("/stations", json=new(country), headers=headers)
    assert code(first) == (409, "name_taken")
    assert first.content == second.content
    assert second.headers["Idempotency-Replayed"] == "true"


async def test_what_is_kept_of_a_key_and_its_body_gives_neither_away(
    weather: Harness, country: UUID
) -> None:
    headers = writer(weather, country) | {"Idempotency-Key": "a random key"}
    await weather.http.post("/stations", json=new(country), headers=headers)
    async with weather.runtime.database.engine.connect() as connection:
        (kept,) = await connection.execute(select(idempotency_records))
    request = b"POST /stations?\n" + json.dumps(new(country), separators=(",", ":")).encode()
    assert kept.fingerprint != hashlib.sha256(request).digest()
    assert kept.fingerprint == hmac.digest(b"a random key", request, "sha256")
    assert "random" not in kept.key


async def test_one_actors_key_is_not_anothers(weather: Harness, country: UUID) -> None:
    for name in ("A", "B"):
        headers = writer(weather, country) | {"Idempotency-Key": "same"}
        answer = await weather.http.post("/stations", json=new(country, name), headers=headers)
        assert answer.status_code == 201
    assert len(await weather.stated()) == 2


async def test_if_match_of_an_old_version_is_412(weather: Harness, country: UUID) -> None:
    headers = writer(weather, country)
    made = await weather.http.post("/stations", json=new(country), headers=headers)
    path = f"/stations/{made.json()['id']}/degrees"
    first = await weather.http.put(
        path, json={"degrees": 1}, headers=headers | {"If-Match": made.headers["ETag"]}
    )
    assert (first.status_code, first.headers["ETag"]) == (200, '"2"')
    second = await weather.http.put(
        path, json={"degrees": 2}, headers=headers | {"If-Match": made.headers["ETag"]}
    )
    assert code(second) == (412, "version_mismatch")


async def test_a_broken_rule_is_409_with_its_code(weather: Harness, country: UUID) -> None:
    station = await open_station("Pulkovo", country, weather.begin)
    answer = await weather.http.put(
        f"/stations/{station.id}/degrees",
        json={"degrees": 61},
        headers=writer(weather, country),
    )
    assert code(answer) == (409, "too_hot")


async def test_a_write_tells_its_position_and_a_read_waits_for_it(
    weather: Harness, country: UUID
) -> None:
    headers = writer(weather, country)
    made = await weather.http.post("/stations", json=new(country), headers=headers)
    position = made.headers["Florin-Position"]
    assert position.startswith("weather-station/")
    reading = asyncio.create_task(
        weather.http.get("/stations", headers=headers | {"Florin-Position": position})
    )
    (event,) = await weather.stated()
    await weather.redeliver(event)
    answer = await reading
    assert "Florin-Stale" not in answer.headers


async def test_a_read_that_waited_in_vain_says_that_it_is_stale(
    weather: Harness, country: UUID
) -> None:
    headers = writer(weather, country) | {"Florin-Position": f"weather-station/{new_id()}"}
    started = time.monotonic()
    answer = await weather.http.get("/stations", headers=headers)
    assert answer.headers["Florin-Stale"] == "true"
    assert time.monotonic() - started < 10


async def test_a_refusal_that_may_be_of_yesterday_says_so(weather: Harness, country: UUID) -> None:
    headers = writer(weather, country) | {"Florin-Position": f"weather-station/{new_id()}"}
    path = f"/stations/{new_id()}/degrees"
    answer = await weather.http.put(path, json={"degrees": 1}, headers=headers)
    assert code(answer) == (404, "not_found")
    assert answer.headers["Florin-Stale"] == "true"


async def test_a_position_of_a_topic_nobody_listens_to_is_nothing_to_wait_for(
    weather: Harness, country: UUID
) -> None:
    headers = writer(weather, country) | {"Florin-Position": f"other-topic/{new_id()}"}
    answer = await weather.http.get("/stations", headers=headers)
    assert "Florin-Stale" not in answer.headers


async def test_an_unknown_route_is_a_problem_too(weather: Harness) -> None:
    assert code(await weather.http.get("/nowhere")) == (404, "no_such_route")
    assert code(await weather.http.delete("/weather")) == (405, "method_not_allowed")


def test_the_tables_of_the_weather_service_are_its_own() -> None:
    assert set(Base.metadata.tables) == {Station.__tablename__, "readings"}


async def test_a_route_may_say_no_in_words_of_its_own_and_says_the_same_again(
    weather: Harness, country: UUID
) -> None:
    path, headers = f"/stations/{new_id()}/spoken", writer(weather, country)
    for key in ({}, {"Idempotency-Key": "spoken"}, {"Idempotency-Key": "spoken"}):
        answer = await weather.http.put(path, json={"degrees": 1}, headers=headers | key)
        assert (answer.status_code, answer.text) == (404, "Sorry: not_found")
    assert answer.headers["Idempotency-Replayed"] == "true"
