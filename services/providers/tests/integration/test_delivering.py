"""Delivering for real: in order, at least once, again when it fails, and one for all."""

import asyncio
from datetime import UTC, datetime
from uuid import UUID

import pytest
from services.providers.tests.api.test_webhooks import ask
from services.providers.tests.receiver import Answer, Received, Receiver, receiving, until
from services.providers.tests.telling import (
    REGISTERED,
    all_are,
    deliveries,
    delivering,
    registered,
    run,
    tell,
    time_passes,
    webhook,
)

from florin_chassis.ids import new_id
from florin_chassis.testing.harness import Harness
from florin_contracts.providers import WebhookDisabled
from florin_providers.models import DeliveryStatus

CHOSEN = {"event_types": [REGISTERED]}


def answers(*statuses: int, **headers: str):  # type: ignore[no-untyped-def]
    """One after the other; the last for ever."""
    left = list(statuses)

    async def answer(_: Received) -> Answer:
        return Answer(left.pop(0) if len(left) > 1 else left[0], headers)

    return answer


def sequences(receiver: Receiver, subject: UUID) -> list[int]:
    events = (request.event for request in receiver.received)
    return [event["sequence"] for event in events if event["subject"] == str(subject)]


async def test_a_delivery_is_signed_and_tells_the_event_as_the_standard_says(
    telling: Harness, receiver: Receiver
) -> None:
    created = await webhook(telling, f"{receiver.url}/a/b?c=d", **CHOSEN)
    client = registered()
    await telling.deliver(client)
    async with delivering(telling.runtime):
        (request, *others) = await receiver.have(1)
    assert not others
    event = request.verify(created["secret"])
    assert request.path == "/a/b?c=d"
    assert request.headers["content-type"] == "application/json"
    assert (event["type"], event["data"]) == (REGISTERED, client.model_dump(mode="json"))
    assert datetime.fromisoformat(event["timestamp"]) <= datetime.now(UTC)
    assert (event["id"], event["subject"]) == (request.id, str(client.id))
    assert (event["sequence"], event["actor"]) == (1, "user/test")
    assert await all_are(telling, DeliveryStatus.DELIVERED, 1)


async def test_after_a_rotation_both_secrets_verify_until_the_overlap_is_over(
    telling: Harness, receiver: Receiver
) -> None:
    created = await webhook(telling, receiver.url, **CHOSEN)
    rotated = await ask(telling, "POST", f"/webhooks/{created['id']}/secrets", 201, {})
    async with delivering(telling.runtime):
        await tell(telling, new_id())
        (request,) = await receiver.have(1)
        request.verify(created["secret"])
        request.verify(rotated["secret"])
        await run(
            telling, "UPDATE webhook_secrets SET valid_until = now() WHERE valid_until > now()"
        )
        await tell(telling, new_id())
        (_, request) = await receiver.have(2)
    request.verify(rotated["secret"])
    with pytest.raises(Exception, match="No matching signature"):
        request.verify(created["secret"])


async def test_an_aggregate_s_events_go_one_after_the_other_while_others_do_not_wait(
    telling: Harness, receiver: Receiver
) -> None:
    await webhook(telling, receiver.url, **CHOSEN)
    slow, fast = new_id(), new_id()
    released = asyncio.Event()

    async def answer(request: Received) -> Answer:
        if request.event["subject"] == str(slow):
            await released.wait()
        return Answer()

    receiver.answer = answer
    await tell(telling, slow, slow, slow, fast, fast, fast)
    async with delivering(telling.runtime):
        await until(lambda: sequences(receiver, fast) == [1, 2, 3])
        assert sequences(receiver, slow) == [1]
        released.set()
        await until(lambda: all_are(telling, DeliveryStatus.DELIVERED, 6))
    assert sequences(receiver, slow) == [1, 2, 3]


async def test_what_follows_a_failing_event_of_its_aggregate_waits_for_it(
    telling: Harness, receiver: Receiver
) -> None:
    await webhook(telling, receiver.url, **CHOSEN)
    receiver.answer = answers(500, 503, 200)
    subject = new_id()
    await tell(telling, subject, subject)
    async with delivering(telling.runtime):
        for tries in (1, 2):
            await receiver.have(tries)
            await until(lambda: time_passes(telling))
        await until(lambda: all_are(telling, DeliveryStatus.DELIVERED, 2))
    assert sequences(receiver, subject) == [1, 1, 1, 2]
    assert len({request.id for request in receiver.received[:3]}) == 1
    assert [delivery.tries for delivery in await deliveries(telling)] == [3, 1]


async def test_a_delivery_fails_after_the_whole_schedule_and_the_next_goes_on(
    telling: Harness, receiver: Receiver
) -> None:
    created = await webhook(telling, receiver.url, **CHOSEN)
    receiver.answer = answers(500, 500, 500, 200)
    subject = new_id()
    await tell(telling, subject, subject)
    async with delivering(telling.runtime, webhook_retry_s=(60, 60)):
        for tries in (1, 2):
            await receiver.have(tries)
            await until(lambda: time_passes(telling))
        await receiver.have(4)
    assert sequences(receiver, subject) == [1, 1, 1, 2]
    first, second = await deliveries(telling)
    assert (first.status, second.status) == (DeliveryStatus.FAILED, DeliveryStatus.DELIVERED)
    log = await ask(telling, "GET", f"/webhooks/{created['id']}/deliveries/{first.id}", 200)
    assert [attempt["status_code"] for attempt in log["attempts"]] == [500] * 3
    assert {attempt["outcome"] for attempt in log["attempts"]} == {"refused"}


async def test_a_receiver_that_asks_for_time_gets_it(telling: Harness, receiver: Receiver) -> None:
    await webhook(telling, receiver.url, **CHOSEN)
    receiver.answer = answers(429, **{"Retry-After": "7200"})
    await tell(telling, new_id())
    waits = (
        "UPDATE webhook_lanes SET claim = NULL WHERE claim IS NULL"
        " AND due_at BETWEEN now() + interval '7100 s' AND now() + interval '7300 s'"
    )

    async def waiting() -> bool:
        return await run(telling, waits) == 1

    async with delivering(telling.runtime):
        await until(waiting)


async def test_a_webhook_that_says_it_is_gone_is_disabled_and_keeps_what_waits(
    telling: Harness, receiver: Receiver
) -> None:
    created = await webhook(telling, receiver.url, **CHOSEN)
    receiver.answer = answers(410, 200)
    await tell(telling, new_id())
    async with delivering(telling.runtime):

        async def disabled() -> bool:
            return bool(await telling.stated(WebhookDisabled))

        await until(disabled)
        (event,) = await telling.stated(WebhookDisabled)
        assert (event["data"]["reason"], event["envelope"]["actor"]) == (
            "gone",
            "service/providers",
        )
        assert await all_are(telling, DeliveryStatus.PENDING, 1)
        await ask(telling, "PATCH", f"/webhooks/{created['id']}", 200, {"enabled": True})
        await time_passes(telling)
        await until(lambda: all_are(telling, DeliveryStatus.DELIVERED, 1))


async def test_a_webhook_that_failed_for_days_is_disabled_and_one_success_forgives(
    telling: Harness, receiver: Receiver
) -> None:
    await webhook(telling, receiver.url, **CHOSEN)
    receiver.answer = answers(500, 200, 500)
    longer = "UPDATE webhook_health SET failing_since = failing_since - interval '121 h'"
    await tell(telling, new_id())
    async with delivering(telling.runtime):

        async def failing() -> bool:
            return await run(telling, longer) == 1

        async def disabled() -> bool:
            return bool(await telling.stated(WebhookDisabled))

        await until(failing)
        await until(lambda: time_passes(telling))
        await until(lambda: all_are(telling, DeliveryStatus.DELIVERED, 1))
        await tell(telling, new_id())
        await until(failing)
        assert await telling.stated(WebhookDisabled) == []
        await until(lambda: time_passes(telling))
        await until(disabled)
    (event,) = await telling.stated(WebhookDisabled)
    assert event["data"]["reason"] == "failing"


async def test_a_redirect_is_not_followed(telling: Harness, receiver: Receiver) -> None:
    async with receiving() as elsewhere:
        await webhook(telling, receiver.url, **CHOSEN)
        receiver.answer = answers(307, Location=elsewhere.url)
        await tell(telling, new_id())
        async with delivering(telling.runtime):
            await receiver.have(1)
            await until(lambda: time_passes(telling))
        assert elsewhere.connections == 0


async def test_a_long_answer_is_kept_in_part_and_a_hostile_one_harms_nobody(
    telling: Harness, receiver: Receiver
) -> None:
    created = await webhook(telling, receiver.url, **CHOSEN)
    endless = (
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + b"400\r\n" + b"\x00" * 1_024
    )
    hostile = [
        Answer(raw=endless + b"\r\n400\r\n" + b"x" * 1_024 + b"\r\n400\r\n"),
        Answer(raw=b"no HTTP at all\r\n\r\n"),
        Answer(raw=b"HTTP/1.1 200 OK\r\nX: " + b"y" * 200_000 + b"\r\n\r\n"),
        Answer(raw=b"HTTP/1.1 999 \xff\r\nContent-Length: 5\r\n\r\n"),
        Answer(body=b"\xff\x00" * 10_000, status=500),
    ]
    left = list(hostile)

    async def answer(_: Received) -> Answer:
        return left.pop(0)

    receiver.answer = answer
    await tell(telling, *(new_id() for _ in hostile))
    async with delivering(telling.runtime, webhook_answer_ms_max=2_000, webhook_at_once_each_max=1):
        await receiver.have(len(hostile))

        async def tried() -> bool:
            return all(delivery.tries for delivery in await deliveries(telling))

        await until(tried)
    path = f"/webhooks/{created['id']}/deliveries"
    outcomes = set()
    for delivery in await deliveries(telling):
        found = await ask(telling, "GET", f"{path}/{delivery.id}", 200)
        for attempt in found["attempts"]:
            outcomes.add(attempt["outcome"])
            assert len(attempt["response"] or "") <= 2_048
            assert "\x00" not in (attempt["response"] or "")
    assert outcomes <= {"delivered", "unreachable", "refused", "timed_out"}
    assert "unreachable" in outcomes


async def test_a_receiver_that_does_not_answer_is_left_in_time_and_logged(
    telling: Harness, receiver: Receiver
) -> None:
    created = await webhook(telling, receiver.url, **CHOSEN)
    never = asyncio.Event()

    async def answer(_: Received) -> Answer:
        await never.wait()
        return Answer()

    receiver.answer = answer
    await tell(telling, new_id())
    async with delivering(telling.runtime, webhook_answer_ms_max=100):
        await until(lambda: time_passes(telling))
    never.set()
    (delivery,) = await deliveries(telling)
    log = await ask(telling, "GET", f"/webhooks/{created['id']}/deliveries/{delivery.id}", 200)
    assert log["attempts"][0]["outcome"] == "timed_out"


async def test_a_dead_webhook_delays_no_other(telling: Harness, receiver: Receiver) -> None:
    never = asyncio.Event()
    async with receiving() as dead:

        async def hang(_: Received) -> Answer:
            await never.wait()
            return Answer()

        dead.answer = hang
        await webhook(telling, dead.url, **CHOSEN)
        await webhook(telling, receiver.url, **CHOSEN)
        subjects = [new_id() for _ in range(20)]
        await tell(telling, *subjects)
        async with delivering(telling.runtime, webhook_at_once_max=6, webhook_at_once_each_max=3):
            await receiver.have(20)
            assert len(dead.received) <= 3
            never.set()


async def test_several_processes_deliver_everything_once_and_in_order(
    telling: Harness, receiver: Receiver
) -> None:
    await webhook(telling, receiver.url, **CHOSEN)
    tries: dict[str, int] = {}

    async def answer(request: Received) -> Answer:
        tries[request.id] = tries.get(request.id, 0) + 1
        await asyncio.sleep(0)
        return Answer(500 if int(request.id[-1], 16) % 5 == 0 and tries[request.id] == 1 else 200)

    receiver.answer = answer
    subjects = [new_id() for _ in range(10)]
    for _ in range(5):
        await tell(telling, *subjects)
    async with delivering(telling.runtime, 3):

        async def done() -> bool:
            await time_passes(telling)
            return await all_are(telling, DeliveryStatus.DELIVERED, 50)

        await until(done)
    assert not receiver.overlapped
    for subject in subjects:
        assert list(dict.fromkeys(sequences(receiver, subject))) == [1, 2, 3, 4, 5]
        assert sequences(receiver, subject) == sorted(sequences(receiver, subject))
    assert all(count == (2 if int(i[-1], 16) % 5 == 0 else 1) for i, count in tries.items())
