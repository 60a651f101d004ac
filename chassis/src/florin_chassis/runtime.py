"""What the processes of one running service share."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from sqlalchemy.ext.asyncio import AsyncSession

from florin_chassis.actor import Actor
from florin_chassis.database import Database
from florin_chassis.settings import ServiceSettings
from florin_chassis.tokens import TokenVerifier
from florin_chassis.transaction import Begin, Transaction, transact


@dataclass(frozen=True)
class Runtime:
    """A service's name, its settings and database, and what wakes its relay."""

    service: str
    settings: ServiceSettings
    database: Database
    verifier: TokenVerifier
    awaits: frozenset[str]
    committed: asyncio.Event = field(default_factory=asyncio.Event)

    def begin_as(self, actor: Actor) -> Begin:
        """A `Begin` for an actor outside any request: an installation, a scheduler, a test."""

        @asynccontextmanager
        async def begin() -> AsyncIterator[Transaction]:
            async with self.database.session(actor) as session:
                async with transact(session, self.service, actor, commits=True) as transaction:
                    yield transaction
                self.committed.set()

        return begin

    async def commit(self, session: AsyncSession) -> None:
        """Commit, and let a relay in this process know at once."""
        await session.commit()
        self.committed.set()
