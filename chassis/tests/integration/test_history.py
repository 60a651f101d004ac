"""Every act upon an aggregate that keeps its history is read again: who, when, what, as of when."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from chassis.tests.weather.models import (
    Station,
    WeatherRemarked,
    measure,
    open_station,
    remark,
)
from httpx import Response
from sqlalchemy import select, text, update

from florin_chassis.actor import Actor
from florin_chassis.ids import new_id
from florin_chassis.tables import audit
from florin_chassis.testing.harness import Harness


def reader(weather: Harness, *countries: UUID) -> dict[str, str]:
    """Headers of somebody who may read the history of these countries; of all, if none is named."""
    permissions = ("stations:read", "history:read")
    if not countries:
        return weather.signed_in(*permissions, everywhere=True)
    return weather.signed_in(*permissions, reach={"country": countries})


async def ask(weather: Harness, path: str, *countries: UUID, **query: Any) -> Response:
    return await weather.http.get(path, params=query, headers=reader(weather, *countries))


async def acts(weather: Harness, path: str, *countries: UUID, **query: Any) -> list[dict[str, Any]]:
    answer = await ask(weather, path, *countries, **query)
    assert answer.status_code == 200, answer.text
    return list(answer.json()["data"])


async def times(weather: Harness) -> list[datetime]:
    async with weather.runtime.database.engine.connect() as connection:
        return list(await connection.scalars(select(audit.c.at).order_by(audit.c.at)))


async def test_a_change_says_who_when_why_and_each_place_that_differs(
    weather: Harness, country: UUID
) -> None:
    station = await open_station("Pulkovo", country, weather.begin)
    user = new_id()
    actor = Actor(f"user/{user}", on_behalf_of="client/7", reason="thaw", everywhere=True)
    await measure(station.id, 5, weather.runtime.begin_as(actor))
    measured, opened = await acts(weather, f"/stations/{station.id}/history")
    assert (measured["actor"], measured["actor_name"]) == (f"user/{user}", "an observer")
    assert (measured["on_behalf_of"], measured["reason"]) == ("client/7", "thaw")
    assert (measured["kind"], measured["sequence"]) == ("station", 2)
    assert measured["differences"] == [
        {"op": "replace", "path": "/degrees", "before": 0, "after": 5}
    ]
    assert {(d["op"], d["path"]) for d in opened["differences"]} == {
        ("add", "/id"), ("add", "/country"), ("add", "/name"), ("add", "/degrees"),
    }  # fmt: skip


async def test_an_act_that_changed_nothing_is_told_without_differences(
    weather: Harness, country: UUID
) -> None:
    station = await open_station("Pulkovo", country, weather.begin)
    await remark(station.id, "fog", weather.begin)
    remarked = (await acts(weather, f"/stations/{station.id}/history"))[0]
    assert (remarked["act"], remarked["differences"]) == (WeatherRemarked.type, [])


async def test_the_state_as_of_any_time_is_that_of_the_last_act_before_it(
    weather: Harness, country: UUID
) -> None:
    station = await open_station("Pulkovo", country, weather.begin)
    for degrees in (1, 2):
        await measure(station.id, degrees, weather.begin)
    opened, first, second = await times(weather)
    path = f"/stations/{station.id}/history/state"
    moment = timedelta(microseconds=1)
    seen = {
        at: (await ask(weather, path, at=at.isoformat())).json()
        for at in (opened, first - moment, first, second, second + timedelta(days=9))
    }
    assert [found["state"]["degrees"] for found in seen.values()] == [0, 0, 1, 2, 2]
    assert datetime.fromisoformat(seen[first]["until"]) == second
    assert seen[second]["until"] is None
    assert (await ask(weather, path)).json()["state"]["degrees"] == 2
    before = await ask(weather, path, at=(opened - moment).isoformat())
    assert (before.status_code, before.json()["code"]) == (404, "not_found")


async def test_a_state_of_older_code_is_read_by_todays_model(
    weather: Harness, country: UUID
) -> None:
    station = await open_station("Pulkovo", country, weather.begin)
    async with weather.runtime.database.engine.begin() as connection:
        older = update(audit).values(state=text("replace(state, '}', ', \"gone\": 1}')"))
        await connection.execute(older)
        await connection.execute(text("UPDATE outbox SET data = (SELECT state FROM audit)"))
    found = (await ask(weather, f"/stations/{station.id}/history/state")).json()
    assert found["state"]["name"] == "Pulkovo"
    assert "gone" not in found["state"]


async def test_what_happened_before_states_were_kept_says_so(
    weather: Harness, country: UUID
) -> None:
    station = await open_station("Pulkovo", country, weather.begin)
    await measure(station.id, 1, weather.begin)
    async with weather.runtime.database.engine.begin() as connection:
        kept = (await connection.execute(select(audit.c.state).where(audit.c.sequence == 1))).one()
        await connection.execute(update(audit).where(audit.c.sequence == 1).values(state=None))
    found = await acts(weather, f"/stations/{station.id}/history")
    assert [(a["differences"], a["unknown"]) for a in found] == [(None, "before_history")] * 2
    path = f"/stations/{station.id}/history/state"
    then = await ask(weather, path, at=(await times(weather))[0].isoformat())
    assert (then.json()["state"], then.json()["unknown"]) == (None, "before_history")
    assert (await ask(weather, path)).json()["state"]["degrees"] == 1
    async with weather.runtime.database.engine.begin() as connection:  # the guard looks at it
        first = update(audit).where(audit.c.sequence == 1)
        await connection.execute(first.values(state=kept.state))


async def test_an_erasure_empties_the_history_and_leaves_that_there_was_one(
    weather: Harness, country: UUID
) -> None:
    station = await open_station("Pulkovo", country, weather.begin)
    async with weather.begin() as transaction:
        found = await transaction.get(Station, station.id)
        transaction.emit(found.measure(3))
        await transaction.erase(found)
    async with weather.runtime.database.engine.connect() as connection:
        assert set(await connection.scalars(select(audit.c.state))) == {None}
    assert (await ask(weather, f"/stations/{station.id}/history")).status_code == 404
    told = await acts(weather, "/history", subject=station.id)
    assert [(a["sequence"], a["unknown"]) for a in told] == [
        (3, "erased"), (2, "erased"), (1, "erased"),
    ]  # fmt: skip
    assert await acts(weather, "/history", country) == []


async def test_history_is_read_within_the_readers_reach_only(
    weather: Harness, country: UUID
) -> None:
    mine = await open_station("Pulkovo", country, weather.begin)
    theirs = await open_station("Tegel", new_id(), weather.begin)
    assert [a["subject"] for a in await acts(weather, "/history", country)] == [str(mine.id)]
    for path in ("history", "history/state"):
        answer = await ask(weather, f"/stations/{theirs.id}/{path}", country)
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


async def test_who_may_not_see_a_kind_sees_nothing_of_its_history(
    weather: Harness, country: UUID
) -> None:
    station = await open_station("Pulkovo", country, weather.begin)
    headers = weather.signed_in("history:read", everywhere=True)
    listed = await weather.http.get("/history", headers=headers)
    one = await weather.http.get(f"/stations/{station.id}/history", headers=headers)
    assert (listed.json()["data"], one.status_code) == ([], 404)
    headers = weather.signed_in("stations:read", everywhere=True)
    refused = await weather.http.get(f"/stations/{station.id}/history", headers=headers)
    assert (refused.status_code, refused.json()["code"]) == (403, "forbidden")


async def test_history_is_filtered_by_subject_actor_kind_and_time(
    weather: Harness, country: UUID
) -> None:
    first = await open_station("Pulkovo", country, weather.begin)
    somebody = f"user/{new_id()}"
    begin = weather.runtime.begin_as(Actor(somebody, everywhere=True))
    second = await open_station("Tegel", country, begin)
    earlier, later = await times(weather)

    async def subjects(**query: Any) -> list[str]:
        return [act["subject"] for act in await acts(weather, "/history", **query)]

    assert await subjects(kind="station") == [str(second.id), str(first.id)]
    assert await subjects(subject=first.id) == [str(first.id)]
    assert await subjects(actor=somebody) == [str(second.id)]
    assert await subjects(since=later.isoformat()) == [str(second.id)]
    assert await subjects(since=earlier.isoformat(), until=later.isoformat()) == [str(first.id)]


async def test_pages_follow_each_other_without_gap_or_repetition(
    weather: Harness, country: UUID
) -> None:
    station = await open_station("Pulkovo", country, weather.begin)
    for degrees in range(1, 5):
        await measure(station.id, degrees, weather.begin)
    for path in ("/history", f"/stations/{station.id}/history"):
        seen: list[int] = []
        cursor: dict[str, str] = {}
        for _ in range(3):
            page = (await ask(weather, path, limit=2, **cursor)).json()
            seen += [act["sequence"] for act in page["data"]]
            cursor = {"cursor": page["next_cursor"]}
        assert (seen, page["has_more"]) == ([5, 4, 3, 2, 1], False)
    whole = await acts(weather, f"/stations/{station.id}/history", limit=1)
    assert [d["path"] for d in whole[0]["differences"]] == ["/degrees"]


async def test_a_question_that_cannot_be_answered_is_refused_by_field(weather: Harness) -> None:
    now = datetime.now(UTC).isoformat()
    for query, field in (
        ({"kind": "cloud"}, "kind"),
        ({"since": now.removesuffix("+00:00")}, "since"),
        ({"until": "0001-01-01T00:00:00+14:00"}, "until"),
        ({"subject": "x"}, "subject"),
        ({"cursor": "%"}, "cursor"),
        ({"actor": "x" * 201}, "actor"),
    ):
        answer = await ask(weather, "/history", **query)
        assert answer.status_code == 422, field
        assert field in {error["field"].rpartition(".")[2] for error in answer.json()["errors"]}
