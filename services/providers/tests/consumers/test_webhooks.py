"""Who is told of an event: every webhook that chooses it, once each, and no other."""

from uuid import UUID

from services.providers.tests.making import company, made, provider
from services.providers.tests.telling import REGISTERED, deliveries, registered, webhook

from florin_chassis.ids import new_id
from florin_chassis.testing.harness import Harness
from florin_contracts.identity import SessionStarted

URL = "https://hooks.example/"


async def told(providers: Harness) -> set[tuple[str, str]]:
    """Pairs of a webhook's id and the type of an event."""
    return {(str(d.webhook_id), d.event_type) for d in await deliveries(providers)}


async def test_a_webhook_is_told_of_what_it_chooses_or_of_all(providers: Harness) -> None:
    all_ = (await webhook(providers, URL))["id"]
    one = (await webhook(providers, URL, event_types=[REGISTERED]))["id"]
    session = SessionStarted.model_validate(
        {"id": new_id(), "user_id": new_id(), "started_at": "2026-01-01T00:00:00Z"}
    )
    await providers.deliver(registered(), session)
    assert await told(providers) == {
        (all_, REGISTERED),
        (one, REGISTERED),
        (all_, SessionStarted.type),
    }


async def test_a_webhook_of_a_provider_is_told_of_that_provider_s_events_alone(
    providers: Harness,
) -> None:
    own, other = [(await provider(providers, slug=slug))["id"] for slug in ("a", "b")]
    mine = (await webhook(providers, URL, provider_id=own))["id"]
    await providers.deliver(registered(None, other), registered(None, other, own), registered(None))
    assert len(await deliveries(providers)) == 1
    assert await told(providers) == {(mine, REGISTERED)}


async def test_our_own_events_are_told_too_by_whose_they_are(providers: Harness) -> None:
    own, other = [(await provider(providers, slug=slug))["id"] for slug in ("a", "b")]
    mine = (await webhook(providers, URL, provider_id=own))["id"]
    await company(providers, own, other)
    await company(providers, other)
    for seller in (own, other):
        await made(providers, "/products", {"provider_id": seller, "name": "Hosting"})
    await made(providers, "/departments", {"name": "support"})
    await providers.redeliver(*await providers.stated())
    types = sorted(d.event_type for d in await deliveries(providers))
    assert types == [
        "florin.providers.company.created.v1",
        "florin.providers.product.created.v1",
        "florin.providers.provider.created.v1",
        "florin.providers.webhook.created.v1",
    ]
    assert {w for w, _ in await told(providers)} == {mine}


async def test_an_event_that_comes_again_is_told_once(providers: Harness) -> None:
    await webhook(providers, URL)
    events = await providers.stated()
    for _ in "123":
        await providers.redeliver(*events)
    assert len(await deliveries(providers)) == 1


async def test_a_webhook_that_is_disabled_or_deleted_is_told_nothing(providers: Harness) -> None:
    from services.providers.tests.api.test_webhooks import ask  # noqa: PLC0415

    disabled, deleted = [f"/webhooks/{(await webhook(providers, URL))['id']}" for _ in "12"]
    await ask(providers, "PATCH", disabled, 200, {"enabled": False})
    await ask(providers, "DELETE", deleted, 204)
    await providers.deliver(registered())
    assert await deliveries(providers) == []


async def test_no_webhook_no_trace(providers: Harness) -> None:
    await providers.deliver(registered())
    assert await deliveries(providers) == []


async def test_deliveries_of_an_aggregate_keep_its_sequence(providers: Harness) -> None:
    await webhook(providers, URL, event_types=[REGISTERED])
    subject: UUID = new_id()
    for _ in range(3):
        await providers.deliver(registered(subject))
    found = [(d.subject, d.sequence) for d in await deliveries(providers)]
    assert found == [(subject, n) for n in (1, 2, 3)]
