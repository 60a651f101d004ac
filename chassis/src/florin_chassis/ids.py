"""Identifiers: UUIDv7, so that they sort by the time they were made."""

from uuid import UUID

import uuid_utils.compat


def new_id() -> UUID:
    """A new UUIDv7. Source: RFC 9562, section 5.7."""
    return uuid_utils.compat.uuid7()
