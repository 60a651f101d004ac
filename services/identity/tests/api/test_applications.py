"""`/applications` over HTTP."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from services.identity.tests.programs import maker
from sqlalchemy import select, update
from tests.plugins.servers import SettingsFor

from florin_chassis.ids import new_id
from florin_chassis.testing.harness import Harness, harness
from florin_contracts.identity import (
    ApplicationChanged,
    ApplicationRegistered,
    ApplicationRemoved,
)
from florin_identity.models import ApplicationSecret, SecurityEntry
from florin_identity.models.application_secret import SECRETS_MAX, is_secret_of
from florin_identity.models.security_log import SecurityAct
from florin_identity.service import service

BODY = {
    "name": "Inventory",
    "redirect_uris": ["https://inventory.example.com/signed-in"],
    "confidential": True,
}


async def administrator(identity: Harness) -> dict[str, str]:
    return await maker(identity)


async def register(identity: Harness, **changes: Any) -> Any:
    return await identity.http.post(
        "/applications", json=BODY | changes, headers=await administrator(identity)
    )


async def made(identity: Harness, **changes: Any) -> dict[str, Any]:
    answer = await register(identity, **changes)
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


async def rotate(identity: Harness, application_id: str, hours: int = 24) -> Any:
    return await identity.http.post(
        f"/applications/{application_id}/secrets",
        json={"overlap_hours": hours},
        headers=await administrator(identity),
    )


async def valid(identity: Harness, application_id: str, secret: str) -> bool:
    async with identity.begin() as transaction:
        return await is_secret_of(transaction.session, UUID(application_id), secret)


async def test_an_application_is_registered_and_stated_without_its_secret(
    identity: Harness,
) -> None:
    application = await made(identity)
    assert application["open_to"] == ["employee"]
    assert application["first_party"] is False
    (event,) = await identity.stated(ApplicationRegistered)
    assert event["data"] == {
        **{name: value for name, value in application.items() if name != "client_secret"},
        "removed": False,
    }
    assert application["client_secret"] not in str(event)


async def test_the_secret_is_told_once_and_kept_as_a_hash(identity: Harness) -> None:
    application = await made(identity)
    secret = application["client_secret"]
    path = f"/applications/{application['id']}"
    again = await identity.http.get(path, headers=await administrator(identity))
    assert "client_secret" not in again.json()
    async with identity.runtime.database.engine.connect() as connection:
        (kept,) = (await connection.scalars(select(ApplicationSecret.secret_hash))).all()
    assert len(kept) == 32
    assert secret.encode() not in kept
    assert await valid(identity, application["id"], secret)
    assert not await valid(identity, application["id"], secret + "x")


async def test_a_secret_is_of_one_application_only(identity: Harness) -> None:
    one, other = await made(identity), await made(identity)
    assert not await valid(identity, other["id"], one["client_secret"])


async def test_a_public_application_has_no_secret_and_gets_none(identity: Harness) -> None:
    application = await made(identity, confidential=False)
    assert application["client_secret"] is None
    answer = await rotate(identity, application["id"])
    assert (answer.status_code, answer.json()["code"]) == (409, "keeps_no_secret")


async def test_an_older_secret_stays_valid_as_long_as_was_asked(identity: Harness) -> None:
    application = await made(identity)
    first, application_id = application["client_secret"], application["id"]
    second = (await rotate(identity, application_id)).json()["client_secret"]
    assert await valid(identity, application_id, first)
    assert await valid(identity, application_id, second)
    past = datetime.now(UTC) - timedelta(seconds=1)
    ended = update(ApplicationSecret).where(ApplicationSecret.valid_until.is_not(None))
    async with identity.runtime.database.engine.begin() as connection:
        await connection.execute(ended.values(valid_until=past))
    assert not await valid(identity, application_id, first)
    third = (await rotate(identity, application_id, hours=0)).json()["client_secret"]
    assert not await valid(identity, application_id, second)
    assert await valid(identity, application_id, third)


async def test_no_more_secrets_than_allowed_are_valid_at_once(identity: Harness) -> None:
    application = await made(identity)
    for _ in range(SECRETS_MAX - 1):
        assert (await rotate(identity, application["id"])).status_code == 201
    answer = await rotate(identity, application["id"])
    assert (answer.status_code, answer.json()["code"]) == (409, "too_many_secrets")
    assert (await rotate(identity, application["id"], hours=0)).status_code == 201


async def test_a_change_is_stated_and_needs_the_version_that_was_read(identity: Harness) -> None:
    application = await made(identity)
    path, headers = f"/applications/{application['id']}", await administrator(identity)
    changes = {"redirect_uris": ["http://127.0.0.1/done"], "open_to": ["employee", "client"]}
    stale = await identity.http.patch(path, json=changes, headers=headers | {"If-Match": '"9"'})
    assert stale.status_code == 412
    answer = await identity.http.patch(path, json=changes, headers=headers | {"If-Match": '"1"'})
    assert answer.status_code == 200, answer.text
    assert answer.headers["ETag"] == '"2"'
    assert answer.json()["redirect_uris"] == ["http://127.0.0.1/done"]
    (event,) = await identity.stated(ApplicationChanged)
    assert event["data"]["open_to"] == ["employee", "client"]
    same = await identity.http.patch(path, json=changes, headers=headers)
    assert same.headers["ETag"] == '"2"'


async def test_a_removed_application_is_gone_and_so_are_its_secrets(identity: Harness) -> None:
    application = await made(identity)
    path, headers = f"/applications/{application['id']}", await administrator(identity)
    assert (await identity.http.delete(path, headers=headers)).status_code == 204
    (event,) = await identity.stated(ApplicationRemoved)
    assert event["data"]["removed"] is True
    assert not await valid(identity, application["id"], application["client_secret"])
    for method in ("GET", "DELETE"):
        assert (await identity.http.request(method, path, headers=headers)).status_code == 404
    assert (await rotate(identity, application["id"])).status_code == 404
    listed = (await identity.http.get("/applications", headers=headers)).json()
    assert listed["data"] == []


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("redirect_uris", []),
        ("redirect_uris", ["http://inventory.example.com/"]),
        ("redirect_uris", ["https://a.example/"] * 21),
        ("redirect_uris", ["https://a.example/" + "x" * 1_000]),
        ("post_logout_redirect_uris", ["javascript:alert(1)"]),
        ("backchannel_logout_uri", "http://inventory.example.com/signed-out"),
        ("backchannel_logout_uri", "https://127.0.0.1/signed-out"),
        ("backchannel_logout_uri", "https://inventory.example.com:22/"),
        ("open_to", []),
        ("open_to", ["robots"]),
        ("name", ""),
        ("secret", "of my own"),
    ],
)
async def test_what_is_no_application_is_refused_by_field(
    identity: Harness, field: str, value: Any
) -> None:
    answer = await register(identity, **{field: value})
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"].startswith(field)


async def test_there_are_no_more_applications_than_the_installation_allows(
    settings_for: SettingsFor,
) -> None:
    few = settings_for(service).model_copy(update={"applications_max": 2})
    async with harness(service, few) as identity:
        first = await made(identity)
        answers = await asyncio.gather(register(identity), register(identity), register(identity))
        assert sorted(answer.status_code for answer in answers) == [201, 409, 409]
        assert {a.json().get("code") for a in answers} == {None, "too_many_applications"}
        path, headers = f"/applications/{first['id']}", await administrator(identity)
        assert (await identity.http.delete(path, headers=headers)).status_code == 204
        assert (await register(identity)).status_code == 201


async def test_who_works_for_some_providers_only_sees_and_makes_none(identity: Harness) -> None:
    application = await made(identity)
    headers = await maker(identity, reach={"provider": [new_id()]})
    answer = await identity.http.post("/applications", json=BODY, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (403, "not_for_every_provider")
    assert (await identity.http.get("/applications", headers=headers)).json()["data"] == []
    path = f"/applications/{application['id']}"
    for method, body in (("GET", None), ("PATCH", {"name": "x"}), ("DELETE", None)):
        found = await identity.http.request(method, path, json=body, headers=headers)
        assert found.status_code == 404, method


async def test_every_change_of_an_application_is_in_the_security_log(identity: Harness) -> None:
    application = await made(identity)
    await rotate(identity, application["id"])
    path, headers = f"/applications/{application['id']}", await administrator(identity)
    await identity.http.patch(path, json={"name": "Stock"}, headers=headers)
    await identity.http.delete(path, headers=headers)
    changes = SecurityEntry.act == SecurityAct.APPLICATION_CHANGED
    lines = select(SecurityEntry.details).where(changes).order_by(SecurityEntry.id)
    async with identity.runtime.database.engine.connect() as connection:
        details = (await connection.scalars(lines)).all()
    assert [line["change"] for line in details] == ["registered", "secret", "name", "removed"]
    assert {line["application"] for line in details} == {application["id"]}
