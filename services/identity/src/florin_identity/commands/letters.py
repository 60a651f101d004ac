"""`letters`: what could not be sent, in the mail server's words, and another try for it."""

import argparse
import json
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import select, update

from florin_chassis.actor import process_actor
from florin_chassis.runtime import Runtime
from florin_identity.models.letter import Letter, LetterStatus

_SHOWN: Final = (
    Letter.id,
    Letter.kind,
    Letter.status,
    Letter.recipient,
    Letter.tries,
    Letter.written_at,
    Letter.due_at,
    Letter.ended_at,
    Letter.error,
)


async def letters(runtime: Runtime, arguments: Sequence[str]) -> None:
    """`letters list [--status S]` or `letters retry ID...`: JSON lines of the letters concerned.

    A letter that is tried again is looked at anew: what is not true any more is dropped, and a
    link in it is made afresh.
    """
    given = _parser().parse_args(arguments)
    begin = runtime.begin_as(process_actor(runtime.service))
    async with begin() as transaction:
        if given.command == "list":
            wanted = select(*_SHOWN).where(Letter.status == given.status).order_by(Letter.id)
            rows = await transaction.session.execute(wanted.limit(given.limit))
        else:
            rows = await transaction.session.execute(_retried(given.ids))
        for row in rows:
            sys.stdout.write(json.dumps(dict(row._mapping), default=str) + "\n")


def _retried(ids: Sequence[UUID]) -> Any:
    """Ended letters among these, put back as if they had just been written."""
    now = datetime.now(UTC)
    ended = Letter.status.in_((LetterStatus.REFUSED, LetterStatus.EXPIRED))
    fresh = {"status": LetterStatus.WAITING, "written_at": now, "due_at": now, "ended_at": None}
    return update(Letter).where(Letter.id.in_(ids), ended).values(fresh).returning(*_SHOWN)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m florin_identity letters")
    commands = parser.add_subparsers(dest="command", required=True)
    listed = commands.add_parser("list", help="letters of one status, oldest first")
    listed.add_argument(
        "--status", type=LetterStatus, choices=LetterStatus, default=LetterStatus.REFUSED
    )
    listed.add_argument("--limit", type=int, default=1_000)
    retried = commands.add_parser("retry", help="send what was refused, or has expired, once more")
    retried.add_argument("ids", nargs="+", type=UUID, metavar="ID")
    return parser
