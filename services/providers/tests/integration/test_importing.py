"""A catalogue comes as a file, whole or not at all; it goes as one, and comes back as it was."""

import csv
import io
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
from services.providers.tests.making import administrator, employee_of, made, provider
from sqlalchemy import text

from florin_chassis.testing.harness import Harness
from florin_contracts.providers.catalogue import ProductArchived, ProductChanged, ProductCreated
from florin_providers.commands.import_catalogue import import_catalogue
from florin_providers.models.catalogue_import import UNFINISHED_MAX
from florin_providers.models.catalogue_row import COLUMNS
from florin_providers.use_cases.run_waiting_imports import run_waiting_imports

Json = dict[str, Any]
ROW: Json = {
    "product_code": "hosting",
    "product_name": "Hosting, shared",
    "product_description": 'Sites, "shared"',
    "product_translations": '{"ru": {"name": "Хостинг", "description": null}}',
    "plan_code": "start",
    "plan_name": "Start",
    "period": "month",
    "price": "100.00",
    "currency": "RUB",
}
RICH: Json = ROW | {
    "plan_code": "large",
    "plan_name": "Large",
    "trial": '{"length": {"count": 14, "unit": "day"}, "price": null}',
    "discounts": '[{"group_id": "01900000-0000-7000-8000-000000000001", "percent": "12.50"}]',
    "availability": '{"countries": ["RU"], "available_from": "2026-01-01T00:00:00Z"}',
    "period": "custom",
    "length": '{"count": 3, "unit": "month"}',
    "setup_fee": "5.00",
    "valid_from": "2026-01-01T00:00:00Z",
    "valid_until": "2099-01-01T00:00:00Z",
    "applies_to_running": "true",
}


def as_csv(rows: Iterable[Json], columns: Iterable[str] = COLUMNS) -> bytes:
    text = io.StringIO()
    writer = csv.DictWriter(text, list(columns), lineterminator="\r\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()


async def send(
    providers: Harness, provider_id: str, *parts: bytes, format_: str = "csv", dry_run: bool = False
) -> Json:
    """An import as it ended."""
    body = {"provider_id": provider_id, "format": format_, "dry_run": dry_run}
    begun = await made(providers, "/catalogue/imports", body)
    path, headers = f"/catalogue/imports/{begun['id']}", administrator(providers)
    for number, part in enumerate(parts, start=1):
        for _ in "12":  # the second time, as if the first answer had been lost
            answer = await providers.http.put(
                f"{path}/parts/{number}", content=part, headers=headers
            )
            assert answer.status_code == 200, answer.text
    answer = await providers.http.post(f"{path}/submit", headers=headers)
    assert answer.status_code == 202, answer.text
    await run_waiting_imports(providers.runtime)
    return dict((await providers.http.get(path, headers=headers)).json())


async def exported(providers: Harness, provider_id: str, format_: str) -> bytes:
    path = f"/catalogue/export?provider_id={provider_id}&format={format_}"
    answer = await providers.http.get(path, headers=administrator(providers))
    assert answer.status_code == 200, answer.text
    return answer.content


async def products(providers: Harness) -> list[Json]:
    answer = await providers.http.get("/products", headers=administrator(providers))
    return list(answer.json()["data"])


async def test_a_file_makes_products_and_the_same_file_again_changes_nothing(
    providers: Harness,
) -> None:
    seller = (await provider(providers))["id"]
    whole = as_csv([ROW, RICH, ROW | {"product_code": "vps", "plan_code": "v"}])
    parts = [line + b"\r\n" for line in whole.split(b"\r\n")[:-1]]
    done = await send(providers, seller, *parts)
    assert (done["status"], done["created"], done["lines"]) == ("applied", 2, 3), done
    stated = await providers.stated(ProductCreated)
    assert len(stated) == 2
    assert {e["envelope"]["reason"] for e in stated} == {f"catalogue import {done['id']}"}
    assert {e["envelope"]["actor"].partition("/")[0] for e in stated} == {"user"}
    again = await send(providers, seller, whole)
    assert (again["status"], again["created"], again["unchanged"]) == ("applied", 0, 2), again
    assert await providers.stated(ProductChanged) == []


@pytest.mark.parametrize("format_", ["csv", "json"])
async def test_what_was_exported_makes_the_same_catalogue_elsewhere(
    providers: Harness, format_: str
) -> None:
    one = (await provider(providers, slug="a"))["id"]
    other = (await provider(providers, slug="b"))["id"]
    await send(providers, one, as_csv([ROW, RICH]))
    file = await exported(providers, one, format_)
    same = await send(providers, one, file, format_=format_)
    assert (same["status"], same["unchanged"]) == ("applied", 1), same
    copied = await send(providers, other, file, format_=format_)
    assert (copied["status"], copied["created"]) == ("applied", 1), copied
    assert await exported(providers, other, format_) == file


async def test_a_dry_run_says_what_would_be_and_changes_nothing(providers: Harness) -> None:
    seller = (await provider(providers))["id"]
    done = await send(providers, seller, as_csv([ROW]), dry_run=True)
    assert (done["status"], done["created"], done["applied"]) == ("checked", 1, 0)
    assert await products(providers) == []


async def test_one_wrong_line_and_nothing_is_imported_and_every_wrong_line_is_told(
    providers: Harness,
) -> None:
    seller = (await provider(providers))["id"]
    wrong = {
        3: (ROW | {"price": "1.005", "plan_code": "p3"}, "price"),
        4: (ROW | {"currency": "XXX", "plan_code": "p4"}, "currency"),
        5: (ROW | {"period": "fortnight", "plan_code": "p5"}, "period"),
        6: (ROW | {"product_type": "unknown", "product_code": "typed", "plan_code": "p6"},
            "product_type"),
        7: (ROW, "price"),
        8: (ROW | {"plan_name": "Other", "period": "year"}, None),
        9: (ROW | {"trial": "{", "plan_code": "p9"}, "trial"),
        10: (ROW | {"plan_code": "p10", "currency": "EUR"}, "currency"),
        11: (ROW | {"plan_code": "p11", "plan_translations": '{"de": {"name": "\\u0000"}}'},
             "plan_translations"),
        12: (ROW | {"plan_code": "p12", "valid_from": "0001-01-01T00:00:00+14:00"}, "valid_from"),
    }  # fmt: skip
    done = await send(providers, seller, as_csv([ROW, *(row for row, _ in wrong.values())]))
    assert done["status"] == "refused"
    told = {error["line"]: error["column"] for error in done["errors"]}
    assert {line: column for line, (_, column) in wrong.items()} == told, done["errors"]
    assert done["errors_found"] == len(done["errors"])
    assert await products(providers) == []


async def test_errors_told_are_bounded_and_counted(providers: Harness) -> None:
    seller = (await provider(providers))["id"]
    rows = [
        ROW | {"product_code": f"p{n}", "plan_code": f"p{n}", "price": "-1"} for n in range(300)
    ]
    done = await send(providers, seller, as_csv(rows))
    assert (done["errors_found"], len(done["errors"])) == (300, 100)
    assert [error["line"] for error in done["errors"]] == list(range(2, 102))


async def test_a_price_from_a_date_on_and_an_archived_product_come_by_file_too(
    providers: Harness,
) -> None:
    seller = (await provider(providers))["id"]
    await send(providers, seller, as_csv([ROW]))
    later = ROW | {"price": "120.00", "valid_from": "2098-01-01T00:00:00Z"}
    done = await send(providers, seller, as_csv([later | {"product_status": "archived"}]))
    assert (done["status"], done["changed"]) == ("applied", 1), done
    ((plan,),) = [product["plans"] for product in await products(providers)]
    assert [(p["price"]["amount"], p["valid_until"]) for p in plan["prices"]] == [
        ("100.00", "2098-01-01T00:00:00Z"),
        ("120.00", None),
    ]
    assert len(await providers.stated(ProductArchived)) == 1
    begun = plan["prices"][0]["valid_from"]
    for row in (
        ROW | {"price": "1.00", "valid_from": begun},
        later | {"valid_from": "2026-01-01T00:00:00Z"},
    ):
        refused = await send(providers, seller, as_csv([row]))
        assert refused["status"] == "refused", refused


async def test_a_plan_of_another_product_or_in_two_products_of_the_file_is_refused(
    providers: Harness,
) -> None:
    seller = (await provider(providers))["id"]
    other = ROW | {"product_code": "other"}
    done = await send(providers, seller, as_csv([ROW, other]))
    assert [(e["line"], e["column"]) for e in done["errors"]] == [(3, "plan_code")]
    await send(providers, seller, as_csv([ROW]))
    done = await send(providers, seller, as_csv([other]))
    assert [(e["line"], e["column"]) for e in done["errors"]] == [(2, "plan_code")]


@pytest.mark.parametrize(
    ("file", "format_", "reason"),
    [
        (as_csv([ROW]).replace(b"plan_name", b"plan_nome"), "csv", "unknown: plan_nome"),
        (as_csv([ROW]).replace(b"plan_name,", b""), "csv", "missing: plan_name"),
        (as_csv([ROW]).replace(b"trial", b"price"), "csv", "named twice: price"),
        (as_csv([ROW]) + b'a,"b\n', "csv", "line 3: is no CSV record"),
        (as_csv([ROW]) + b"a,b\n", "csv", "line 3: has 2 cells"),
        (as_csv([ROW]) + b"\xff\n", "csv", "line 3: is not UTF-8"),
        (as_csv([ROW]).decode().encode("utf-16"), "csv", "line 1: is not UTF-8"),
        (b'{"a": 1}\n', "json", "line 1: unknown columns: a"),
        (b"[]\n", "json", "line 1: is no JSON object"),
        (b"{\n", "json", "line 1: is no JSON"),
        (b'{"plan_name": "\\u0000"}\n', "json", "line 1: holds a NUL"),
        (b"x" * 70_000, "csv", "line 1: a line has at most"),
    ],
)
async def test_a_file_that_cannot_be_read_is_refused_by_line_and_reason(
    providers: Harness, file: bytes, format_: str, reason: str
) -> None:
    seller = (await provider(providers))["id"]
    body = {"provider_id": seller, "format": format_}
    begun = await made(providers, "/catalogue/imports", body)
    path = f"/catalogue/imports/{begun['id']}/parts/1"
    answer = await providers.http.put(path, content=file, headers=administrator(providers))
    assert (answer.status_code, answer.json()["code"]) == (422, "unreadable_import")
    assert reason in answer.json()["detail"]


async def test_parts_come_in_order_and_a_file_has_a_limit(providers: Harness) -> None:
    seller = (await provider(providers))["id"]
    begun = await made(providers, "/catalogue/imports", {"provider_id": seller})
    path, headers = f"/catalogue/imports/{begun['id']}", administrator(providers)
    answer = await providers.http.put(f"{path}/parts/2", content=b"", headers=headers)
    assert (answer.status_code, answer.json()["next"]) == (409, 1)
    answer = await providers.http.post(f"{path}/submit", headers=headers)
    assert answer.json()["code"] == "nothing_uploaded"
    row = as_csv([ROW]).split(b"\r\n")[1] + b"\n"
    limit = providers.runtime.settings.catalogue_import_lines_max  # type: ignore[attr-defined]
    assert limit < 1_000_000
    number, sent = 1, 0
    answer = await providers.http.put(
        f"{path}/parts/1", content=as_csv([ROW] * 100), headers=headers
    )
    part = row * (1_000_000 // len(row))
    while answer.status_code == 200 and sent < limit:
        number, sent = number + 1, sent + part.count(b"\n")
        answer = await providers.http.put(f"{path}/parts/{number}", content=part, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (413, "import_too_large")
    kept = (await providers.http.get(path, headers=headers)).json()
    assert kept["lines"] <= limit


async def test_an_import_of_another_provider_does_not_exist(providers: Harness) -> None:
    own, other = [(await provider(providers, slug=slug))["id"] for slug in ("a", "b")]
    begun = await made(providers, "/catalogue/imports", {"provider_id": other})
    headers, path = employee_of(providers, own), f"/catalogue/imports/{begun['id']}"
    answers = [
        await providers.http.get(path, headers=headers),
        await providers.http.put(f"{path}/parts/1", content=b"", headers=headers),
        await providers.http.post(f"{path}/submit", headers=headers),
        await providers.http.post(
            "/catalogue/imports", json={"provider_id": other}, headers=headers
        ),
        await providers.http.get(f"/catalogue/export?provider_id={other}", headers=headers),
    ]
    assert [answer.status_code for answer in answers] == [404] * 5
    listed = await providers.http.get("/catalogue/imports", headers=headers)
    assert listed.json()["data"] == []


async def test_an_upload_is_cancelled_and_makes_room_and_nothing_is_kept_of_it(
    providers: Harness,
) -> None:
    seller = (await provider(providers))["id"]
    headers = administrator(providers)
    begun = [
        await made(providers, "/catalogue/imports", {"provider_id": seller})
        for _ in range(UNFINISHED_MAX)
    ]
    body = {"provider_id": seller}
    full = await providers.http.post("/catalogue/imports", json=body, headers=headers)
    assert full.json()["code"] == "too_many_imports"
    path = f"/catalogue/imports/{begun[0]['id']}"
    await providers.http.put(f"{path}/parts/1", content=as_csv([ROW]), headers=headers)
    foreign = employee_of(providers, (await provider(providers, slug="other"))["id"])
    assert (await providers.http.post(f"{path}/cancel", headers=foreign)).status_code == 404
    gone = await providers.http.post(f"{path}/cancel", headers=headers)
    assert (gone.status_code, gone.json()["status"]) == (200, "cancelled")
    assert gone.json()["ended_at"]
    for late in ("cancel", "submit"):
        refused = await providers.http.post(f"{path}/{late}", headers=headers)
        assert (refused.status_code, refused.json()["code"]) == (409, "import_not_uploading")
    await made(providers, "/catalogue/imports", body)
    await run_waiting_imports(providers.runtime)
    async with providers.runtime.database.engine.connect() as connection:
        assert await connection.scalar(text("SELECT count(*) FROM catalogue_import_lines")) == 0


async def test_an_import_whose_file_is_complete_is_not_cancelled(providers: Harness) -> None:
    seller = (await provider(providers))["id"]
    headers = administrator(providers)
    done = await send(providers, seller, as_csv([ROW]))
    path = f"/catalogue/imports/{done['id']}/cancel"
    refused = await providers.http.post(path, headers=headers)
    assert (refused.status_code, refused.json()["code"]) == (409, "import_not_uploading")
    assert len(await products(providers)) == 1


async def test_the_command_cancels_an_upload_that_it_cannot_finish(
    providers: Harness, tmp_path: Path
) -> None:
    await provider(providers)
    file = tmp_path / "catalogue.csv"
    file.write_bytes(as_csv([ROW]) + b"a,b\n")
    with pytest.raises(SystemExit, match="line 3: has 2 cells"):
        await import_catalogue(providers.runtime, [str(file), "--provider", "n-1"])
    headers = administrator(providers)
    (row,) = (await providers.http.get("/catalogue/imports", headers=headers)).json()["data"]
    assert row["status"] == "cancelled"
