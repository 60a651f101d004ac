"""History over HTTP: what providers' entities were, for whoever may see them."""

from typing import Any

from services.providers.tests.making import (
    administrator,
    company,
    department,
    employee_of,
    made,
    provider,
)
from sqlalchemy import text

from florin_chassis.testing.harness import Harness
from florin_contracts.permissions import Permission

HERE = {"url": "https://hooks.example/a", "description": "a", "event_types": None}


async def changes(
    providers: Harness, path: str, headers: dict[str, str] | None = None
) -> list[dict[str, Any]]:
    answer = await providers.http.get(path, headers=headers or administrator(providers))
    assert answer.status_code == 200, answer.text
    return list(answer.json()["data"])


async def test_every_kind_of_entity_is_read_with_its_history(providers: Harness) -> None:
    seller = (await provider(providers))["id"]
    person = {"name": "Ada", "email": "ada@n.example"}
    there = {
        "providers": seller,
        "companies": (await company(providers, seller))["id"],
        "departments": (await department(providers))["id"],
        "employees": (await made(providers, "/employees", person))["id"],
        "products": (await made(providers, "/products", {"provider_id": seller, "name": "p"}))[
            "id"
        ],
        "webhooks": (await made(providers, "/webhooks", HERE))["id"],
    }
    for path, id_ in there.items():
        (created,) = await changes(providers, f"/{path}/{id_}/history")
        assert (created["subject"], created["sequence"]) == (id_, 1)
        state = await providers.http.get(
            f"/{path}/{id_}/history/state", headers=administrator(providers)
        )
        assert state.json()["state"]["id"] == id_
    assert {act["subject"] for act in await changes(providers, "/history")} == {*there.values()}


async def test_a_change_by_an_employee_is_told_by_its_name_to_who_sees_the_employee(
    providers: Harness,
) -> None:
    own, other = [(await provider(providers, slug=slug))["id"] for slug in ("a", "b")]
    body = {"name": "Ada", "email": "ada@n.example", "provider_ids": [own]}
    ada = (await made(providers, "/employees", body))["id"]
    support = (await department(providers))["id"]
    hers = providers.signed_in(*Permission, everywhere=True, sub=ada)
    await providers.http.patch(f"/departments/{support}", json={"name": "x"}, headers=hers)
    path = f"/departments/{support}/history"
    seen = [(await changes(providers, path, employee_of(providers, p)))[0] for p in (own, other)]
    assert [act["actor"] for act in seen] == [f"user/{ada}"] * 2
    assert [act["actor_name"] for act in seen] == ["Ada", None]
    assert [d["path"] for d in seen[0]["differences"]] == ["/name"]


async def test_nobody_reads_the_history_of_anothers_company(providers: Harness) -> None:
    own, other = [(await provider(providers, slug=slug))["id"] for slug in ("a", "b")]
    mine, theirs = [(await company(providers, p))["id"] for p in (own, other)]
    headers = employee_of(providers, own)
    assert {act["subject"] for act in await changes(providers, "/history", headers)} == {own, mine}
    for path in ("history", "history/state"):
        answer = await providers.http.get(f"/companies/{theirs}/{path}", headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


async def test_a_field_that_a_release_added_differs_in_nobodys_history(providers: Harness) -> None:
    support = (await department(providers))["id"]
    async with providers.runtime.database.engine.begin() as connection:
        for table, column in (("audit", "state"), ("outbox", "data")):
            without = f"({column}::jsonb - 'external_id')::text"
            rows = f"UPDATE {table} SET {column} = {without} WHERE subject = :id"  # noqa: S608
            await connection.execute(text(rows), {"id": support})
    await providers.http.patch(
        f"/departments/{support}", json={"name": "x"}, headers=administrator(providers)
    )
    renamed = (await changes(providers, f"/departments/{support}/history"))[0]
    assert [d["path"] for d in renamed["differences"]] == ["/name"]


async def test_no_secret_of_a_webhook_is_in_its_history(providers: Harness) -> None:
    webhook = await made(providers, "/webhooks", HERE)
    secret = webhook["secret"]
    answer = await providers.http.get(
        f"/webhooks/{webhook['id']}/history", headers=administrator(providers)
    )
    assert answer.status_code == 200
    assert secret.removeprefix("whsec_") not in answer.text
