"""The double-entry ledger: what moved, from where, to where, and what each personal account holds.

An entry belongs to one document, and its lines add up to zero in every currency: `post` writes
nothing else, and the database refuses an INSERT of lines that do not, as it refuses any change to
entries and lines that are there (triggers of migration payers_0001). A positive line is money that
came to its holder. So a personal account's balance is the sum of its lines.

That sum is kept, not scanned for: every posting adds to one of the account's *balance shards*, a
row that no other posting holds at the moment, and makes a new shard when all are held. A balance is
the sum of a few shards, exact at every commit, whatever the length of the history.

Why so. One balance row per account would let postings of a busy account wait for each other's
commit. A snapshot with "lines since" needs a point before which every line is committed, but lines
get their ids in another order than they are committed in. Nothing here locks the account's own row;
for that reason no line, payment or expense refers to it by a foreign key: concurrent key share
locks on one busy row are a cost of their own.

Limits. A posting writes one row more than the entry and its lines. An account has as many shards as
it ever had postings in flight at once, at most as many as there are connections; none is merged.
Receipts and revenue have no kept balance: they are reported per period, from their lines.
"""

from datetime import UTC, datetime
from enum import StrEnum
from typing import Final, NamedTuple
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKey, Index, SmallInteger, Uuid, bindparam, insert, text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from florin_chassis.ids import new_id
from florin_contracts.money import Money
from florin_payers.models.amounts import Amounted
from florin_payers.models.base import Base


class Book(StrEnum):
    """What a holder holds."""

    PERSONAL = "personal"
    """A client's money with a provider; the holder is the personal account."""

    RECEIPTS = "receipts"
    """Where payments come from: below zero by what was received; the holder is the provider."""

    REVENUE = "revenue"
    """Where expenses go; the holder is the provider."""


class Holder(NamedTuple):
    """Who money moves from or to."""

    book: Book
    id: UUID


class LedgerEntry(Base):
    """One movement of money, caused by the document of this id; a document moves money once."""

    __tablename__ = "ledger_entries"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    document_id: Mapped[UUID] = mapped_column(unique=True)
    posted_at: Mapped[datetime]


class LedgerLine(Amounted, Base):
    """What an entry brought to a holder, or with a minus took from it."""

    __tablename__ = "ledger_lines"
    __table_args__ = (Index(None, "holder_id", "entry_id"),)

    entry_id: Mapped[UUID] = mapped_column(ForeignKey("ledger_entries.id"), primary_key=True)
    position: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    book: Mapped[Book]
    holder_id: Mapped[UUID]


class BalanceShard(Base):
    """A part of a personal account's balance; the sum of its shards is the balance."""

    __tablename__ = "balance_shards"

    account_id: Mapped[UUID] = mapped_column(primary_key=True)
    shard: Mapped[UUID] = mapped_column(primary_key=True)
    minor: Mapped[int]


_ADD_TO_BALANCE: Final = text("""
    WITH free AS MATERIALIZED (
        SELECT shard FROM balance_shards WHERE account_id = :account
        LIMIT 1 FOR UPDATE SKIP LOCKED
    ), added AS (
        UPDATE balance_shards SET minor = minor + :minor FROM free
        WHERE account_id = :account AND balance_shards.shard = free.shard
        RETURNING free.shard
    )
    INSERT INTO balance_shards (account_id, shard, minor)
    SELECT :account, :new_shard, :minor WHERE NOT EXISTS (SELECT FROM added)
""").bindparams(
    bindparam("account", type_=Uuid),
    bindparam("new_shard", type_=Uuid),
    bindparam("minor", type_=BigInteger),
)


async def post(
    session: AsyncSession, document_id: UUID, amount: Money, source: Holder, target: Holder
) -> None:
    """Move an amount, of zero or more, between two holders because of a document."""
    entry_id = new_id()
    movements = ((source, -amount.minor), (target, amount.minor))
    entry = {"id": entry_id, "document_id": document_id, "posted_at": datetime.now(UTC)}
    await session.execute(insert(LedgerEntry).values(entry))
    lines = [
        {
            "entry_id": entry_id,
            "position": position,
            "book": holder.book,
            "holder_id": holder.id,
            "amount_minor": minor,
            "currency": amount.currency,
        }
        for position, (holder, minor) in enumerate(movements)
    ]
    await session.execute(insert(LedgerLine).values(lines))
    for holder, minor in movements:
        if holder.book is Book.PERSONAL:
            added = {"account": holder.id, "new_shard": new_id(), "minor": minor}
            await session.execute(_ADD_TO_BALANCE, added)
