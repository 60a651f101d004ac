"""What could not be sent, in the words of whoever would not have it, and another try for it."""

import argparse
import json
import sys
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import select, update

from florin_chassis.actor import process_actor
from florin_chassis.runtime import Runtime

Command = Callable[[Runtime, Sequence[str]], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Errands:
    """A table of them, which of its columns are shown, and from which statuses one is retried."""

    name: str
    kind: Any
    statuses: type[StrEnum]
    shown: tuple[Any, ...]

    def command(self) -> Command:
        """`NAME list [--status S]` or `NAME retry ID...`: JSON lines of those concerned."""

        async def run(runtime: Runtime, arguments: Sequence[str]) -> None:
            given = self._parser().parse_args(arguments)
            begin = runtime.begin_as(process_actor(runtime.service))
            async with begin() as transaction:
                for row in await transaction.session.execute(self._wanted(given)):
                    sys.stdout.write(json.dumps(dict(row._mapping), default=str) + "\n")

        return run

    def _wanted(self, given: argparse.Namespace) -> Any:
        if given.command == "retry":
            return self._retried(given.ids)
        wanted = select(*self.shown).where(self.kind.status == given.status)
        return wanted.order_by(self.kind.id).limit(given.limit)

    def _retried(self, ids: Sequence[UUID]) -> Any:
        """Those among these that ended unsent, put back as if they had just been written."""
        now, waiting = datetime.now(UTC), self.statuses("waiting")
        unsent = self.kind.status.in_((self.statuses("refused"), self.statuses("expired")))
        fresh = {"status": waiting, "written_at": now, "due_at": now, "ended_at": None}
        put_back = update(self.kind).where(self.kind.id.in_(ids), unsent).values(fresh)
        return put_back.returning(*self.shown)

    def _parser(self) -> argparse.ArgumentParser:
        parser = argparse.ArgumentParser(prog=f"python -m florin_identity {self.name}")
        commands = parser.add_subparsers(dest="command", required=True)
        listed = commands.add_parser("list", help=f"{self.name} of one status, oldest first")
        refused = self.statuses("refused")
        listed.add_argument(
            "--status", type=self.statuses, choices=list(self.statuses), default=refused
        )
        listed.add_argument("--limit", type=int, default=1_000)
        retried = commands.add_parser("retry", help="send what was refused, or expired, once more")
        retried.add_argument("ids", nargs="+", type=UUID, metavar="ID")
        return parser
