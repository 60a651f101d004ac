"""`/webhooks` over HTTP."""

from typing import Any

import pytest
from services.providers.tests.making import NOBODY, administrator, employee_of, provider
from services.providers.tests.telling import REGISTERED, webhook
from sqlalchemy import select
from tests.plugins.servers import SettingsFor

from florin_chassis.tables import outbox
from florin_chassis.testing.harness import Harness, harness
from florin_contracts.permissions import CLIENT_ROLES, ClientRole, Permission
from florin_contracts.providers import (
    WebhookChanged,
    WebhookCreated,
    WebhookDeleted,
    WebhookDisabled,
    WebhookEnabled,
    WebhookSecretRotated,
)
from florin_providers.models import WebhookSecret
from florin_providers.service import service

URL = "https://hooks.example/told?token=t0k3n"


async def ask(
    providers: Harness, method: str, path: str, status: int, body: Any = None, **headers: str
) -> dict[str, Any]:
    """What the administrator is answered."""
    answer = await providers.http.request(
        method, path, json=body, headers=administrator(providers) | headers
    )
    assert answer.status_code == status, answer.text
    return dict(answer.json()) if answer.content else {}


async def test_a_created_webhook_shows_its_secret_once_and_states_neither_it_nor_its_path(
    providers: Harness,
) -> None:
    created = await webhook(providers, URL, metadata={"team": "billing"})
    secret = created.pop("secret")
    assert secret.startswith("whsec_")
    assert created == {
        "id": created["id"],
        "url": URL,
        "description": "a test",
        "event_types": None,
        "provider_id": None,
        "status": "enabled",
        "metadata": {"team": "billing"},
    }
    assert await ask(providers, "GET", f"/webhooks/{created['id']}", 200) == created
    (event,) = await providers.stated(WebhookCreated)
    assert event["data"]["origin"] == "https://hooks.example"
    assert "t0k3n" not in str(event)
    assert secret not in str(event)


async def test_a_secret_is_sealed_at_rest(providers: Harness) -> None:
    secret = (await webhook(providers, URL))["secret"].removeprefix("whsec_")
    async with providers.runtime.database.engine.connect() as connection:
        rows = [*await connection.execute(select(WebhookSecret.__table__))]
        rows += [*await connection.execute(select(outbox))]
    assert len(rows) == 2
    assert secret not in str(rows)


async def test_a_change_is_stated_as_what_it_was_and_none_states_nothing(
    providers: Harness,
) -> None:
    path = f"/webhooks/{(await webhook(providers, URL, event_types=[REGISTERED]))['id']}"
    changed = await ask(
        providers, "PATCH", path, 200, {"url": "https://other.example/", "metadata": {"a": "b"}}
    )
    assert (changed["url"], changed["event_types"]) == ("https://other.example/", [REGISTERED])
    assert changed["metadata"] == {"a": "b"}
    assert (await ask(providers, "PATCH", path, 200, {})) == changed
    assert (await ask(providers, "PATCH", path, 200, {"enabled": True})) == changed
    assert (await ask(providers, "PATCH", path, 200, {"event_types": None}))["event_types"] is None
    disabled = await ask(providers, "PATCH", path, 200, {"enabled": False, "description": "x"})
    assert disabled["status"] == "disabled"
    assert (await ask(providers, "PATCH", path, 200, {"enabled": True}))["status"] == "enabled"
    facts = [event["envelope"]["type"] for event in await providers.stated()]
    kinds = (WebhookCreated, WebhookChanged, WebhookChanged, WebhookChanged, WebhookDisabled)
    assert facts == [kind.type for kind in (*kinds, WebhookEnabled)]
    (event,) = await providers.stated(WebhookDisabled)
    assert (event["data"]["reason"], event["data"]["status"]) == ("requested", "disabled")


async def test_a_deleted_webhook_is_there_for_nobody_and_its_secrets_are_gone(
    providers: Harness,
) -> None:
    path = f"/webhooks/{(await webhook(providers, URL))['id']}"
    await ask(providers, "DELETE", path, 204)
    assert (await ask(providers, "GET", "/webhooks", 200))["data"] == []
    for method, where, body in (
        ("GET", "", None),
        ("PATCH", "", {}),
        ("DELETE", "", None),
        ("POST", "/secrets", {}),
        ("POST", "/tests", None),
        ("POST", "/replays", {"since": "2026-01-01T00:00:00Z"}),
        ("GET", "/deliveries", None),
        ("GET", f"/deliveries/{NOBODY}", None),
        ("POST", f"/deliveries/{NOBODY}/replays", None),
    ):
        assert (await ask(providers, method, path + where, 404, body))["code"] == "not_found"
    (event,) = await providers.stated(WebhookDeleted)
    assert event["data"]["status"] == "deleted"
    async with providers.runtime.database.engine.connect() as connection:
        assert (await connection.execute(select(WebhookSecret.__table__))).all() == []


async def test_a_rotated_secret_is_another_and_its_statement_holds_none(
    providers: Harness,
) -> None:
    created = await webhook(providers, URL)
    path = f"/webhooks/{created['id']}/secrets"
    rotated = await ask(providers, "POST", path, 201, {"overlap_hours": 1})
    assert rotated["secret"].startswith("whsec_")
    assert rotated["secret"] != created["secret"]
    (event,) = await providers.stated(WebhookSecretRotated)
    assert rotated["secret"] not in str(event)


async def test_so_many_secrets_may_be_valid_at_once_and_a_seen_one_can_always_be_replaced(
    providers: Harness,
) -> None:
    path = f"/webhooks/{(await webhook(providers, URL))['id']}/secrets"
    for _ in range(4):
        await ask(providers, "POST", path, 201, {})
    assert (await ask(providers, "POST", path, 409, {}))["code"] == "too_many_secrets"
    await ask(providers, "POST", path, 201, {"overlap_hours": 0})
    await ask(providers, "POST", path, 201, {})


@pytest.mark.parametrize(
    ("method", "where", "body"),
    [("PATCH", "", {"description": "x"}), ("DELETE", "", None), ("POST", "/secrets", {})],
)
async def test_a_webhook_that_changed_since_it_was_read_is_left_as_it_is(
    providers: Harness, method: str, where: str, body: Any
) -> None:
    path = f"/webhooks/{(await webhook(providers, URL))['id']}"
    await ask(providers, "PATCH", path, 200, {"description": "another"})
    stale = {"If-Match": '"1"'}
    refused = await ask(providers, method, path + where, 412, body, **stale)
    assert refused["code"] == "version_mismatch"
    assert len(await providers.stated()) == 2


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"url": "http://hooks.example/"}, "url"),
        ({"url": "https://127.0.0.1/"}, "url"),
        ({"url": "https://user:pass@hooks.example/"}, "url"),
        ({"url": ""}, "url"),
        ({"url": 7}, "url"),
        ({"url": None}, "url"),
        ({"description": ""}, "description"),
        ({"description": "a\x00b"}, "description"),
        ({"event_types": []}, "event_types"),
        ({"event_types": [REGISTERED, "florin.no.such.v1"]}, "event_types"),
        ({"event_types": [REGISTERED, REGISTERED]}, "event_types"),
        ({"event_types": "all"}, "event_types"),
        ({"provider_id": "n-1"}, "provider_id"),
        ({"metadata": {"a b": "c"}}, "metadata.a b.[key]"),
        ({"metadata": {"a": 1}}, "metadata.a"),
        ({"metadata": {"a": "x" * 501}}, "metadata.a"),
        ({"metadata": {"a": "\x00"}}, "metadata.a"),
        ({"metadata": {f"k{n}": "" for n in range(51)}}, "metadata"),
        ({"secret": "whsec_mine"}, "secret"),
    ],
)
async def test_a_webhook_that_cannot_be_is_refused_by_field(
    providers: Harness, change: dict[str, Any], field: str
) -> None:
    body = {"url": URL, "description": "a test"} | change
    answer = await ask(providers, "POST", "/webhooks", 422, body)
    assert [error["field"] for error in answer["errors"]] == [field]
    assert await providers.stated() == []


async def test_an_unknown_type_of_event_is_named(providers: Harness) -> None:
    body = {"url": URL, "description": "x", "event_types": ["florin.no.such.v1"]}
    answer = await ask(providers, "POST", "/webhooks", 422, body)
    assert "florin.no.such.v1" in answer["detail"]


@pytest.mark.parametrize(
    ("where", "body", "field"),
    [
        ("/secrets", {"overlap_hours": -1}, "overlap_hours"),
        ("/secrets", {"overlap_hours": 169}, "overlap_hours"),
        ("/replays", {}, "since"),
        ("/replays", {"since": "yesterday"}, "since"),
        ("/replays", {"since": "2026-01-01T00:00:00"}, "since"),
    ],
)
async def test_an_act_that_cannot_be_is_refused_by_field(
    providers: Harness, where: str, body: dict[str, Any], field: str
) -> None:
    path = f"/webhooks/{(await webhook(providers, URL))['id']}{where}"
    answer = await ask(providers, "POST", path, 422, body)
    assert [error["field"] for error in answer["errors"]] == [field]


async def test_a_change_of_the_address_is_held_to_the_same_rules(providers: Harness) -> None:
    path = f"/webhooks/{(await webhook(providers, URL))['id']}"
    answer = await ask(providers, "PATCH", path, 422, {"url": "https://10.0.0.1/"})
    assert [error["field"] for error in answer["errors"]] == ["url"]


async def test_whoever_may_not_read_an_event_has_nobody_told_of_it(providers: Harness) -> None:
    held = (Permission.WEBHOOKS_WRITE, Permission.CLIENTS_READ)
    headers = providers.signed_in(*held, everywhere=True)
    new = {"url": URL, "description": "x", "event_types": [REGISTERED]}
    created = await providers.http.post("/webhooks", json=new, headers=headers)
    assert created.status_code == 201
    path = f"/webhooks/{created.json()['id']}"
    paid = {"event_types": ["florin.payers.invoice.paid.v1"]}
    answers = [
        await providers.http.post("/webhooks", json=new | paid, headers=headers),
        await providers.http.post("/webhooks", json=new | {"event_types": None}, headers=headers),
        await providers.http.patch(path, json=paid, headers=headers),
    ]
    for answer in answers:
        assert (answer.status_code, answer.json()["code"]) == (403, "grants_more_than_held")
        assert "invoices:read" in answer.json()["permissions"]


async def test_a_webhook_of_others_cannot_be_turned_to_oneself(providers: Harness) -> None:
    path = f"/webhooks/{(await webhook(providers, URL))['id']}"
    headers = providers.signed_in(Permission.WEBHOOKS_WRITE, everywhere=True)
    mine = {"url": "https://mine.example/"}
    answer = await providers.http.patch(path, json=mine, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (403, "grants_more_than_held")


async def test_an_employee_of_one_provider_sees_and_makes_webhooks_of_that_alone(
    providers: Harness,
) -> None:
    own, other = [(await provider(providers, slug=slug))["id"] for slug in ("a", "b")]
    mine = await webhook(providers, URL, provider_id=own)
    foreign = [await webhook(providers, URL, provider_id=other), await webhook(providers, URL)]
    headers = employee_of(providers, own)
    listed = await providers.http.get("/webhooks", headers=headers)
    assert [found["id"] for found in listed.json()["data"]] == [mine["id"]]
    for hidden in foreign:
        path = f"/webhooks/{hidden['id']}"
        for method, where in (("GET", ""), ("DELETE", ""), ("GET", "/deliveries")):
            answer = await providers.http.request(method, path + where, headers=headers)
            assert answer.status_code == 404
    new = {"url": URL, "description": "x"}
    refused = await providers.http.post("/webhooks", json=new, headers=headers)
    assert (refused.status_code, refused.json()["code"]) == (403, "grants_more_than_held")
    unknown = new | {"provider_id": other}
    assert (
        await providers.http.post("/webhooks", json=unknown, headers=headers)
    ).status_code == 404
    allowed = new | {"provider_id": own}
    assert (
        await providers.http.post("/webhooks", json=allowed, headers=headers)
    ).status_code == 201


async def test_a_client_has_nothing_to_do_with_webhooks(providers: Harness) -> None:
    owner = CLIENT_ROLES[ClientRole.OWNER]
    headers = providers.signed_in(*owner, reach={"client": [NOBODY]})
    assert (await providers.http.get("/webhooks", headers=headers)).status_code == 403


async def test_there_are_no_more_webhooks_than_the_installation_allows(
    settings_for: SettingsFor,
) -> None:
    settings = settings_for(service).model_copy(update={"webhooks_max": 1})
    async with harness(service, settings) as providers:
        created = await webhook(providers, URL)
        body = {"url": URL, "description": "x"}
        assert (await ask(providers, "POST", "/webhooks", 409, body))["code"] == "too_many_webhooks"
        await ask(providers, "DELETE", f"/webhooks/{created['id']}", 204)
        await webhook(providers, URL)
