"""I9: after the fault the system is what it was."""

from collections.abc import Iterator
from typing import Final

from tests.faults.evidence import Evidence
from tests.faults.history import History

MEMORY_RATIO_MAX: Final = 1.5
MEMORY_BYTES_MORE_MAX: Final = 64 * 1024 * 1024
CONNECTIONS_MORE_MAX: Final = 10
"""One pool: a pool keeps what a burst has opened, while a leak grows with every strike."""


def as_before(history: History, evidence: Evidence) -> Iterator[str]:
    """I9: lag, memory and connections return to what they were."""
    del history
    yield from evidence.unsettled
    before, after = evidence.before, evidence.after
    for process, size in after.memory_bytes.items():
        was = before.memory_bytes.get(process, size)
        if size > max(was * MEMORY_RATIO_MAX, was + MEMORY_BYTES_MORE_MAX):
            yield f"{process} takes {size >> 20} MiB; before it was {was >> 20} MiB"
    for database, count in after.connections.items():
        was = before.connections.get(database, 0)
        if count > was + CONNECTIONS_MORE_MAX:
            yield f"database {database} has {count} connections; before it had {was}"
    if after.open_transactions:
        yield f"{after.open_transactions} transactions stand open in an idle system"


def promises(history: History, evidence: Evidence) -> Iterator[str]:
    """What a single fault must not do, such as delaying others."""
    del history
    yield from evidence.broken
