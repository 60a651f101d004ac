"""`security-log`: verifies the chain, exports it, and moves its oldest part into files.

Exits with 0 if all is well, 1 on a finding, 2 on wrong usage, 3 if the database does not answer.
Findings and results are one line of JSON each, on standard output.
"""

import argparse
import asyncio
import csv
import io
import json
import os
import sys
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO, Final, cast

from joserfc.errors import JoseError
from sqlalchemy import func, select
from sqlalchemy.exc import SQLAlchemyError

from florin_chassis.actor import process_actor
from florin_chassis.database import is_unreachable
from florin_chassis.progress import Progress
from florin_chassis.runtime import Runtime
from florin_identity.models.notary import Notary
from florin_identity.models.security_chain import (
    ChainBroken,
    Checkpoint,
    SecuritySeal,
    canonical,
    document_of,
)
from florin_identity.models.security_log import SecurityEntry
from florin_identity.models.security_reading import follow_lines, line_of, sealed_after
from florin_identity.queries.verify_security_log import Verified, verify_security_log
from florin_identity.settings import Settings
from florin_identity.use_cases.archive_security_log import remove_segment, write_segment

_FINDING, _WRONG, _UNREACHABLE = 1, 2, 3
UNSEALED_S_MAX: Final = 300
"""A line that waits longer for its place shows that no scheduler is at work."""

_COLUMNS: Final = (
    "position", "id", "at", "act", "actor", "on_behalf_of", "subject", "address", "agent",
    "details", "digest",
)  # fmt: skip
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")


async def security_log(runtime: Runtime, arguments: Sequence[str]) -> None:
    """`security-log verify|export|archive|checkpoint|key`; `--help` tells the rest."""
    given = parser_of_actions().parse_args(arguments)
    run: Callable[[Runtime, argparse.Namespace], Awaitable[None]] = given.run
    try:
        await run(runtime, given)
    except ChainBroken as broken:
        _say({"holds": False, "position": broken.position, "reason": broken.reason})
        raise SystemExit(_FINDING) from None
    except (FileExistsError, FileNotFoundError, PermissionError, IsADirectoryError) as error:
        sys.stderr.write(f"security-log: {error}\n")
        raise SystemExit(_WRONG) from None
    except (SQLAlchemyError, OSError) as error:
        if not is_unreachable(error):
            raise
        sys.stderr.write(f"security-log: the database does not answer: {error}\n")
        raise SystemExit(_UNREACHABLE) from None


def parser_of_actions() -> argparse.ArgumentParser:
    """What may be written after `security-log`."""
    parser = argparse.ArgumentParser(prog="python -m florin_identity security-log")
    actions = parser.add_subparsers(required=True, metavar="action")

    def action(name: str, run: Callable[..., Awaitable[None]], says: str) -> Any:
        added = actions.add_parser(name, help=says, description=says)
        added.set_defaults(run=run)
        return added

    verify = action("verify", _verify, "follow the chain; name the first entry that breaks it")
    verify.add_argument("--checkpoint", action="append", default=[], help="one kept elsewhere")
    verify.add_argument("--key", action="append", default=[], help="an earlier public key, as JWK")
    verify.add_argument("--file", type=Path, help="verify this archived segment instead")
    export = action("export", _export, "write every sealed entry, oldest first")
    export.add_argument("--format", choices=("jsonl", "csv"), default="jsonl")
    export.add_argument("--after", type=int, default=0, help="the position to go on behind")
    export.add_argument("--out", type=Path, help="a file that is not there yet; else to stdout")
    archive = action("archive", _archive, "move what is older than a time into a file")
    archive.add_argument("--before", type=_time, required=True, help="ISO 8601, with its zone")
    archive.add_argument("--out", type=Path, required=True, help="a file that is not there yet")
    action("checkpoint", _checkpoint, "print the last signed checkpoint, to be kept elsewhere")
    action("key", _key, "print the public key that checkpoints are verified with, as a JWK")
    return parser


def _time(given: str) -> datetime:
    at = datetime.fromisoformat(given)
    if at.tzinfo is None:
        raise argparse.ArgumentTypeError("needs a zone, such as 2026-01-01T00:00:00Z")
    return at


async def _verify(runtime: Runtime, given: argparse.Namespace) -> None:
    notary = _notary(runtime, given.key)
    if given.file:
        with given.file.open("rb") as lines:
            for mark in follow_lines(lines, notary):
                end = mark
        _say({"holds": True, "position": end.position, "digest": end.digest.hex()})
        return
    verified = await _verified(runtime, notary, tuple(given.checkpoint))
    oldest = verified.oldest_unsealed
    _say(
        {
            "holds": True,
            "position": verified.end.position,
            "digest": verified.end.digest.hex(),
            "unsealed": verified.unsealed,
            "oldest_unsealed": oldest.isoformat() if oldest else None,
        }
    )
    if oldest and (datetime.now(UTC) - oldest).total_seconds() > UNSEALED_S_MAX:
        sys.stderr.write("security-log: nobody seals: is the scheduler running?\n")
        raise SystemExit(_FINDING)


async def _verified(runtime: Runtime, notary: Notary, kept: tuple[str, ...] = ()) -> Verified:
    async with runtime.database.session(process_actor(runtime.service)) as session:
        total = await session.scalar(select(func.count()).select_from(SecuritySeal)) or 0
        await session.rollback()
        progress = Progress("verified", total)
        try:
            return await verify_security_log(session, notary, kept, progress.advance)
        finally:
            progress.finish()


async def _export(runtime: Runtime, given: argparse.Namespace) -> None:
    as_csv = given.format == "csv"
    async with runtime.database.session(process_actor(runtime.service)) as session:
        total = await session.scalar(select(func.count()).select_from(SecuritySeal)) or 0
        progress = Progress("exported", total)
        with _opened(given.out) as out:
            if as_csv:
                out.write(_csv(_COLUMNS))
            async for batch in sealed_after(session, given.after):
                lines = [_row(s, e) if as_csv else line_of(s, e) for s, e in batch if e]
                await asyncio.to_thread(out.write, b"".join(lines))
                progress.advance(len(batch))
        progress.finish()


async def _archive(runtime: Runtime, given: argparse.Namespace) -> None:
    """First the file, whole and on disk; only then is anything removed."""
    notary = _notary(runtime)
    await _verified(runtime, notary)
    async with runtime.database.session(process_actor(runtime.service)) as session:
        with given.out.open("xb") as out:
            mark = await write_segment(session, given.before, notary, out.write)
            out.flush()
            os.fsync(out.fileno())
    if mark is None:
        given.out.unlink()
        _say({"archived": None})
        return
    with given.out.open("rb") as lines:
        for _ in follow_lines(lines, notary):
            pass
    await remove_segment(runtime.begin_as(process_actor(runtime.service)), mark, notary)
    _say({"archived": str(given.out), "position": mark.position, "digest": mark.digest.hex()})


async def _checkpoint(runtime: Runtime, _: argparse.Namespace) -> None:
    last = select(Checkpoint.signed).order_by(Checkpoint.position.desc()).limit(1)
    async with runtime.database.session(process_actor(runtime.service)) as session:
        signed = await session.scalar(last)
    if signed is None:
        sys.stderr.write("security-log: nothing is sealed yet\n")
        raise SystemExit(_FINDING)
    sys.stdout.write(f"{signed}\n")


async def _key(runtime: Runtime, _: argparse.Namespace) -> None:
    _say(_notary(runtime).public)


def _notary(runtime: Runtime, keys: Sequence[str] = ()) -> Notary:
    secret = cast(Settings, runtime.settings).key_encryption_key
    try:
        return Notary(secret, *(json.loads(key) for key in keys))
    except (JoseError, ValueError, TypeError) as error:
        sys.stderr.write(f"security-log: --key: no public key as a JWK: {error}\n")
        raise SystemExit(_WRONG) from error


def _opened(path: Path | None) -> BinaryIO:
    return path.open("xb") if path else open(os.dup(sys.stdout.fileno()), "wb")  # noqa: PTH123


def _say(result: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(result) + "\n")


def _row(seal: SecuritySeal, entry: SecurityEntry) -> bytes:
    document = document_of(entry, seal.position)
    document["details"] = canonical(entry.details).decode()
    document["digest"] = seal.digest.hex()
    return _csv([document[column] for column in _COLUMNS])


def _csv(values: Sequence[object]) -> bytes:
    """One row. What a spreadsheet would take for a formula is no longer one."""
    text = io.StringIO(newline="")
    safe = [f"'{v}" if isinstance(v, str) and v.startswith(_FORMULA) else v for v in values]
    csv.writer(text).writerow(safe)
    return text.getvalue().encode()
