"""The log of deliveries over HTTP, and telling again."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from services.providers.tests.api.test_webhooks import ask
from services.providers.tests.making import NOBODY, administrator, employee_of, provider
from services.providers.tests.receiver import Answer, Received, Receiver, until
from services.providers.tests.telling import (
    REGISTERED,
    all_are,
    deliveries,
    delivering,
    registered,
    tell,
    webhook,
)

from florin_chassis.ids import new_id
from florin_chassis.testing.harness import Harness
from florin_providers.models import DeliveryStatus
from florin_providers.use_cases import replay_deliveries
from florin_providers.use_cases.send_test_event import TEST_TYPE

LONG_AGO = {"since": "2026-01-01T00:00:00Z"}


async def delivered(telling: Harness, count: int) -> None:
    async with delivering(telling.runtime):
        await until(lambda: all_are(telling, DeliveryStatus.DELIVERED, count))


async def test_the_log_is_read_in_pages_and_by_status_and_type(
    telling: Harness, receiver: Receiver
) -> None:
    created = await webhook(telling, receiver.url)
    path = f"/webhooks/{created['id']}/deliveries"
    await tell(telling, new_id(), new_id())
    await delivered(telling, 2)
    await tell(telling, new_id())
    first = await ask(telling, "GET", f"{path}?limit=2", 200)
    rest = await ask(telling, "GET", f"{path}?limit=2&cursor={first['next_cursor']}", 200)
    assert (len(first["data"]), len(rest["data"]), rest["has_more"]) == (2, 1, False)
    waiting = (await ask(telling, "GET", f"{path}?status=pending", 200))["data"]
    assert waiting == rest["data"]
    assert (await ask(telling, "GET", f"{path}?event_type={REGISTERED}&limit=1", 200))["has_more"]
    assert (await ask(telling, "GET", f"{path}?event_type=florin.other.v1", 200))["data"] == []


@pytest.mark.parametrize(
    ("query", "field"),
    [("status=lost", "status"), ("event_type=%00", "event_type"), ("cursor=x", "cursor")],
)
async def test_a_question_about_the_log_that_cannot_be_is_refused_by_field(
    telling: Harness, query: str, field: str
) -> None:
    created = await webhook(telling, "http://127.0.0.1:1/")
    answer = await ask(telling, "GET", f"/webhooks/{created['id']}/deliveries?{query}", 422)
    assert [error["field"] for error in answer["errors"]] == [field]


async def test_a_delivery_is_shown_with_its_attempts_and_without_what_it_carried(
    telling: Harness, receiver: Receiver
) -> None:
    created = await webhook(telling, receiver.url)
    await tell(telling, new_id())
    await delivered(telling, 1)
    (delivery,) = await deliveries(telling)
    shown = await ask(telling, "GET", f"/webhooks/{created['id']}/deliveries/{delivery.id}", 200)
    (attempt,) = shown["attempts"]
    assert attempt["outcome"] == "delivered"
    assert (attempt["status_code"], attempt["response"], attempt["error"]) == (200, "ok", None)
    assert (shown["status"], shown["tries"], shown["sequence"]) == ("delivered", 1, 1)
    assert "Vega" not in str(shown)


async def test_a_delivery_of_another_webhook_is_not_there(
    telling: Harness, receiver: Receiver
) -> None:
    await webhook(telling, receiver.url)
    await tell(telling, new_id())
    other = await webhook(telling, receiver.url)
    (delivery,) = await deliveries(telling)
    for where in (f"/deliveries/{delivery.id}", f"/deliveries/{NOBODY}"):
        await ask(telling, "GET", f"/webhooks/{other['id']}{where}", 404)
        await ask(telling, "POST", f"/webhooks/{other['id']}{where}/replays", 404)


async def test_one_delivery_is_told_again_under_the_same_id(
    telling: Harness, receiver: Receiver
) -> None:
    created = await webhook(telling, receiver.url)
    await tell(telling, new_id(), new_id())
    await delivered(telling, 2)
    first, _ = await deliveries(telling)
    path = f"/webhooks/{created['id']}/deliveries/{first.id}/replays"
    replayed = await ask(telling, "POST", path, 202)
    assert (replayed["id"], replayed["status"]) == (str(first.id), "pending")
    await delivered(telling, 2)
    assert [r.id for r in receiver.received].count(str(first.event_id)) == 2
    assert len(receiver.received) == 3


async def test_all_since_a_time_are_told_again_in_order_and_what_was_missed_too(
    telling: Harness, receiver: Receiver
) -> None:
    created = await webhook(telling, receiver.url)
    path = f"/webhooks/{created['id']}"
    subject = new_id()
    await tell(telling, subject, subject)
    await delivered(telling, 2)
    await ask(telling, "PATCH", path, 200, {"enabled": False})
    await tell(telling, subject)
    await ask(telling, "PATCH", path, 200, {"enabled": True})
    assert await ask(telling, "POST", f"{path}/replays", 202, LONG_AGO) == {"replayed": 3}
    await delivered(telling, 3)
    assert [r.event["sequence"] for r in receiver.received] == [1, 2, 1, 2, 3]


async def test_a_replay_has_an_end_if_one_is_named_and_keeps_to_what_is_chosen(
    telling: Harness, receiver: Receiver
) -> None:
    own = (await provider(telling))["id"]
    created = await webhook(telling, receiver.url, provider_id=own, event_types=[REGISTERED])
    await webhook(telling, receiver.url)
    await telling.deliver(registered(None, own), registered(None, own), registered())
    await telling.redeliver(*await telling.stated())
    path = f"/webhooks/{created['id']}/replays"
    assert await ask(telling, "POST", path, 202, LONG_AGO) == {"replayed": 2}
    before = LONG_AGO | {"until": (datetime.now(UTC) - timedelta(days=1)).isoformat()}
    assert await ask(telling, "POST", path, 202, before) == {"replayed": 0}


async def test_more_than_can_be_told_at_once_is_refused_and_nothing_is_told(
    telling: Harness, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(replay_deliveries, "REPLAYED_MAX", 1)
    created = await webhook(telling, receiver.url)
    await tell(telling, new_id(), new_id())
    await delivered(telling, 2)
    answer = await ask(telling, "POST", f"/webhooks/{created['id']}/replays", 409, LONG_AGO)
    assert (answer["code"], answer["limit"]) == ("too_many_to_replay", 1)
    assert await all_are(telling, DeliveryStatus.DELIVERED, 2)


async def test_a_replay_is_told_at_once_though_its_aggregate_waits_for_a_later_try(
    telling: Harness, receiver: Receiver
) -> None:
    created = await webhook(telling, receiver.url)
    failing = True

    async def answer(_: Received) -> Answer:
        return Answer(500 if failing else 200)

    receiver.answer = answer
    await tell(telling, new_id())
    async with delivering(telling.runtime, webhook_retry_s=(3_600,)):

        async def tried() -> bool:
            return (await deliveries(telling))[0].tries == 1

        await until(tried)
        failing = False
        await ask(telling, "POST", f"/webhooks/{created['id']}/replays", 202, LONG_AGO)
        await until(lambda: all_are(telling, DeliveryStatus.DELIVERED, 1))


@pytest.mark.parametrize("act", ["tests", "replays"])
async def test_a_disabled_webhook_is_told_nothing_again(telling: Harness, act: str) -> None:
    path = f"/webhooks/{(await webhook(telling, 'http://127.0.0.1:1/'))['id']}"
    await ask(telling, "PATCH", path, 200, {"enabled": False})
    await tell(telling, new_id())
    answer = await ask(telling, "POST", f"{path}/{act}", 409, LONG_AGO)
    assert answer["code"] == "webhook_not_enabled"


async def test_a_test_is_signed_and_logged_and_goes_to_this_webhook_alone(
    telling: Harness, receiver: Receiver
) -> None:
    created = await webhook(telling, f"{receiver.url}/mine", event_types=[REGISTERED])
    await webhook(telling, f"{receiver.url}/others")
    path = f"/webhooks/{created['id']}/tests"
    made: list[dict[str, Any]] = [await ask(telling, "POST", path, 202) for _ in "12"]
    await delivered(telling, 2)
    assert {request.path for request in receiver.received} == {"/mine"}
    for request in receiver.received:
        event = request.verify(created["secret"])
        assert (event["type"], event["data"]) == (TEST_TYPE, {"webhook_id": created["id"]})
    assert {request.id for request in receiver.received} == {one["event_id"] for one in made}


async def test_the_same_request_to_tell_again_is_done_once(telling: Harness) -> None:
    created = await webhook(telling, "http://127.0.0.1:1/")
    headers = administrator(telling) | {"Idempotency-Key": "once"}
    path = f"/webhooks/{created['id']}/tests"
    answers = [await telling.http.post(path, headers=headers) for _ in "12"]
    assert answers[0].json() == answers[1].json()
    assert len(await deliveries(telling)) == 1


async def test_the_log_of_a_webhook_of_others_is_not_there(telling: Harness) -> None:
    own, other = [(await provider(telling, slug=slug))["id"] for slug in ("a", "b")]
    foreign = await webhook(telling, "http://127.0.0.1:1/", provider_id=other)
    await telling.deliver(registered(None, other))
    (delivery,) = await deliveries(telling)
    path = f"/webhooks/{foreign['id']}"
    headers = employee_of(telling, own)
    for method, where in (
        ("GET", "/deliveries"),
        ("GET", f"/deliveries/{delivery.id}"),
        ("POST", f"/deliveries/{delivery.id}/replays"),
        ("POST", "/tests"),
        ("POST", "/replays"),
    ):
        answer = await telling.http.request(method, path + where, json=LONG_AGO, headers=headers)
        assert answer.status_code == 404
