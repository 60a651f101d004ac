"""What a process is to send later, as a row of the transaction that wants it sent."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import func
from sqlalchemy.orm import Mapped, mapped_column


class Errand:
    """Columns of such a table, beside its `status`.

    Who sends it holds the `claim` until `due_at`; without one, `due_at` is when it is tried next.
    """

    id: Mapped[UUID] = mapped_column(primary_key=True)
    tries: Mapped[int]
    claim: Mapped[UUID | None]
    due_at: Mapped[datetime] = mapped_column(server_default=func.now())
    written_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    error: Mapped[str | None]
