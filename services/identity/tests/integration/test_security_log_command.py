"""The command `security-log`: what it says, and the exit codes that scripts go by."""

import csv
import hashlib
import json
from pathlib import Path
from typing import Any

import pytest
from services.identity.tests.integration.test_security_chain import (
    begin_of,
    last_checkpoint,
    noted,
    positions,
    seal,
    superuser,
)
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from florin_chassis.testing.harness import Harness
from florin_identity.commands.security_log import security_log
from florin_identity.models import SecurityAct
from florin_identity.models.security_log import note

LATER = "2999-01-01T00:00:00Z"


async def said(
    identity: Harness, capsys: pytest.CaptureFixture[str], *arguments: str, code: int = 0
) -> dict[str, Any]:
    """The JSON line that the command printed."""
    capsys.readouterr()
    if code:
        with pytest.raises(SystemExit) as ended:
            await security_log(identity.runtime, arguments)
        assert ended.value.code == code
    else:
        await security_log(identity.runtime, arguments)
    line = capsys.readouterr().out.splitlines()
    return dict(json.loads(line[-1])) if line else {}


async def test_verify_says_how_far_the_chain_holds_and_names_what_breaks_it(
    identity: Harness, capsys: pytest.CaptureFixture[str]
) -> None:
    await noted(identity, 3)
    await seal(identity)
    await noted(identity)
    holds = await said(identity, capsys, "verify")
    assert (holds["holds"], holds["position"], holds["unsealed"]) == (True, 3, 1)
    async with superuser(identity) as execute:
        await execute("UPDATE security_log SET address = '192.0.2.9' WHERE id = 2")
    assert await said(identity, capsys, "verify", code=1) == {
        "holds": False,
        "position": 2,
        "reason": "entry 2 is not what was sealed",
    }


async def test_verify_finds_that_nobody_seals(
    identity: Harness, capsys: pytest.CaptureFixture[str]
) -> None:
    await noted(identity)
    async with superuser(identity) as execute:
        await execute("UPDATE security_log SET at = at - interval '301 seconds'")
    assert (await said(identity, capsys, "verify", code=1))["holds"] is True


async def test_wrong_usage_has_an_exit_code_of_its_own(
    identity: Harness, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    await said(identity, capsys, "nonsense", code=2)
    await said(identity, capsys, "verify", "--key", "{}", code=2)
    await said(identity, capsys, "verify", "--file", str(tmp_path / "none"), code=2)
    await said(identity, capsys, "checkpoint", code=1)


async def test_an_export_can_be_verified_by_anyone_without_our_code(
    identity: Harness, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    await noted(identity, 5)
    await seal(identity)
    out = tmp_path / "log.jsonl"
    await security_log(identity.runtime, ["export", "--out", str(out)])
    digest = bytes(32)
    for line in out.read_text().splitlines():
        entry = json.loads(line)
        told = entry.pop("digest")
        form = json.dumps(entry, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        digest = hashlib.sha256(digest + form.encode()).digest()
        assert told == digest.hex()
    assert digest.hex() == (await said(identity, capsys, "verify"))["digest"]
    await said(identity, capsys, "export", "--out", str(out), code=2)  # it is there already


async def test_an_export_for_spreadsheets_holds_no_formula(
    identity: Harness, tmp_path: Path
) -> None:
    async with begin_of(identity)() as transaction:
        transaction.session.info["origin"] = transaction.origin.__class__(
            None, "=cmd|' /C calc'!A0"
        )
        note(transaction, SecurityAct.SIGNED_IN, None, why='a "quoted", word')
    await seal(identity)
    out = tmp_path / "log.csv"
    await security_log(identity.runtime, ["export", "--format", "csv", "--out", str(out)])
    with out.open(newline="") as file:
        (row,) = csv.DictReader(file)
    assert row["agent"] == "'=cmd|' /C calc'!A0"
    assert json.loads(row["details"]) == {"why": 'a "quoted", word'}


async def test_what_is_archived_leaves_the_database_and_both_parts_stay_verifiable(
    identity: Harness, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    await noted(identity, 4)
    await seal(identity)
    first, second = tmp_path / "1.jsonl", tmp_path / "2.jsonl"
    told = await said(identity, capsys, "archive", "--before", LATER, "--out", str(first))
    assert told["position"] == 4
    assert await positions(identity) == []
    assert (await said(identity, capsys, "verify"))["position"] == 4
    await noted(identity, 2)
    await seal(identity)
    kept = await last_checkpoint(identity)
    assert (await said(identity, capsys, "verify", "--checkpoint", kept))["position"] == 6
    await said(identity, capsys, "archive", "--before", LATER, "--out", str(second))
    for file, position in ((first, 4), (second, 6)):
        assert (await said(identity, capsys, "verify", "--file", str(file)))["position"] == position
    nothing = await said(identity, capsys, "archive", "--before", LATER, "--out", f"{second}3")
    assert nothing == {"archived": None}


async def test_a_file_that_was_changed_or_cut_is_found(
    identity: Harness, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    await noted(identity, 3)
    await seal(identity)
    file = tmp_path / "log.jsonl"
    await said(identity, capsys, "archive", "--before", LATER, "--out", str(file))
    lines = file.read_text().splitlines(keepends=True)
    assert len(lines) == 5
    for harmed in (
        [line.replace('"number":1', '"number":7') for line in lines],
        lines[:2] + lines[3:],
        lines[:-1],
        lines[:-2] + lines[-1:],
        [lines[0], lines[2], lines[1], *lines[3:]],
    ):
        file.write_text("".join(harmed))
        assert (await said(identity, capsys, "verify", "--file", str(file), code=1))["reason"]


async def test_what_is_not_archived_cannot_be_removed_by_saying_so(identity: Harness) -> None:
    """The mark of an archive lets the database go of lines; only a signed one satisfies verify."""
    await noted(identity, 3)
    await seal(identity)
    async with identity.runtime.database.engine.connect() as connection:
        with pytest.raises(DBAPIError, match="what was not archived stays"):
            await connection.execute(text("DELETE FROM security_seals WHERE position = 1"))
