"""asyncpg as the chassis uses it: a transaction's last statements travel with its COMMIT."""

import asyncpg


class Connection(asyncpg.Connection):  # type: ignore[misc]
    """A connection whose transactions may be given statements that take no trip of their own."""

    __slots__ = ("_last_statements",)
    _last_statements: str

    def add_last(self, statement: str) -> None:
        """Run this statement before the COMMIT of the open transaction, in one trip with it."""
        self._last_statements = f"{self._last_statements}{statement};"

    def transaction(
        self, *, isolation: str | None = None, readonly: bool = False, deferrable: bool = False
    ) -> "_Transaction":
        """What SQLAlchemy begins, commits and rolls back."""
        begin = "BEGIN"
        if isolation:
            begin += f" ISOLATION LEVEL {isolation.replace('_', ' ')}"
        return _Transaction(self, begin + " READ ONLY" * readonly + " DEFERRABLE" * deferrable)

    async def begin(self, statement: str) -> None:
        """Open a transaction that has no last statements yet."""
        self._last_statements = ""
        await self.execute(statement)

    async def commit(self) -> None:
        """Commit; raises, with nothing committed, when a statement of the transaction failed."""
        try:
            outcome = await self.execute(f"{self._last_statements}COMMIT")
        except BaseException:
            await self.rollback()
            raise
        if outcome != "COMMIT":  # PostgreSQL's answer to the COMMIT of a failed transaction
            raise asyncpg.InFailedSQLTransactionError("rolled back: a statement of it had failed")

    async def rollback(self) -> None:
        """End the transaction, if there is still one, without a trace."""
        self._last_statements = ""
        if not self.is_closed() and self.is_in_transaction():
            await self.execute("ROLLBACK")


class _Transaction:
    """The three words of a transaction, one trip each."""

    def __init__(self, connection: Connection, begin: str) -> None:
        self._connection, self._begin = connection, begin

    async def start(self) -> None:
        await self._connection.begin(self._begin)

    async def commit(self) -> None:
        await self._connection.commit()

    async def rollback(self) -> None:
        await self._connection.rollback()


def literal(value: str | None) -> str:
    """A text as SQL. Raises `ValueError` for NUL, which PostgreSQL's text cannot hold.

    Quotes as libpq's PQescapeLiteral does, whatever `standard_conforming_strings` says.
    """
    if value is None:
        return "NULL"
    if "\x00" in value:
        raise ValueError("PostgreSQL's text holds no NUL")
    quoted = value.replace("'", "''")
    if "\\" not in quoted:
        return f"'{quoted}'"
    backslashed = quoted.replace("\\", "\\\\")
    return f" E'{backslashed}'"
