"""What migrations do to tables that are in use, without holding up whoever writes them."""

from typing import Any

from alembic import op
from sqlalchemy import text

_UNFINISHED = text(
    "SELECT 1 FROM pg_index WHERE indexrelid = to_regclass(:name) AND NOT indisvalid"
)


def create_index(name: str, table: str, columns: list[Any], **options: Any) -> None:
    """As `op.create_index`, while others write; one that was broken off is begun anew.

    It waits for older transactions as long as they last, and nobody waits for it. It is in no
    transaction: a migration that does this does nothing else.
    """
    with op.get_context().autocommit_block():
        op.execute("SET lock_timeout = 0")
        if op.get_bind().execute(_UNFINISHED, {"name": name}).first():
            op.drop_index(name, table, postgresql_concurrently=True)
        op.create_index(
            name, table, columns, postgresql_concurrently=True, if_not_exists=True, **options
        )
        op.execute("RESET lock_timeout")
