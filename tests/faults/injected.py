"""Marks the records that a fault, and no service, has put on Kafka."""

from typing import Final

from tests.shared.kafka_log import Record

MARK: Final = "florin-injected"


def is_injected(record: Record) -> bool:
    """Whether a fault has made this record."""
    return any(name == MARK for name, _ in record.headers)
