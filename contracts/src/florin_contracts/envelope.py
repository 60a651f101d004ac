"""The CloudEvents 1.0 envelope in Kafka's binary mode: attributes in headers, data in the value."""

from collections.abc import Iterable
from typing import Annotated, Any, Final, Self
from uuid import UUID

from pydantic import AwareDatetime, Field

from florin_contracts.values import Value

CONTENT_TYPE: Final = "application/json"
SEQUENCE_MAX: Final = 2**63 - 1
"""What a signed 64-bit column holds, here and at every consumer."""


class MalformedEnvelope(ValueError):
    """The message is no CloudEvent in binary mode; says which attribute is missing or wrong."""


class Envelope(Value):
    """Who stated what about whom, and when.

    Attribute names are CloudEvents': lower case, no separators.
    `actor` is the real person or process behind the act (`user/<id>`, `service/<name>`);
    `onbehalfof` is the client (`client/<id>`) whom an employee impersonated, for the `reason`.
    `sequence` is the aggregate's version after the fact: 1 for its first event, no gaps.
    `causationid` is the id of the event that this one was a consequence of.

    Source: CloudEvents 1.0.2 and its Kafka protocol binding, section 3.2.
    """

    id: UUID
    """The record's own id: what to drop duplicates by."""
    source: Annotated[str, Field(min_length=1)]
    """Which service states it: `florin/<service>`."""
    type: Annotated[str, Field(min_length=1)]
    """What it is: `florin.<owner>.<aggregate>.<fact>.v<n>`, or `….state.v<n>`."""
    subject: UUID
    """The aggregate, which is also the record's key."""
    time: AwareDatetime
    """When it was stated, with its zone."""
    sequence: Annotated[int, Field(ge=1, le=SEQUENCE_MAX)]
    """The aggregate's version after the fact: 1 for its first, no gaps."""
    dataschema: str
    """The `$id` of the JSON Schema of the data."""
    actor: Annotated[str, Field(min_length=1)]
    """The real person or process behind the act: `user/<id>` or `service/<name>`."""
    onbehalfof: str | None = None
    """The impersonated client: `client/<id>`."""
    reason: str | None = None
    """Why the client was impersonated."""
    traceparent: str | None = None
    """The W3C trace that it belongs to."""
    causationid: UUID | None = None
    """The id of the event that this one was a consequence of."""

    def to_headers(self) -> list[tuple[str, bytes]]:
        """The Kafka headers of this envelope, absent attributes left out."""
        attributes = self.model_dump(mode="json", exclude_none=True)
        headers = [(f"ce_{name}", str(value).encode()) for name, value in attributes.items()]
        return [("ce_specversion", b"1.0"), ("content-type", CONTENT_TYPE.encode()), *headers]

    @classmethod
    def from_headers(cls, headers: Iterable[tuple[str, bytes | None]]) -> Self:
        """Read an envelope back from Kafka headers; raises `MalformedEnvelope`.

        A header without a value, which Kafka allows, counts as absent.
        """
        try:
            attributes: dict[str, Any] = {
                _ATTRIBUTES[name]: value.decode()
                for name, value in headers
                if name in _ATTRIBUTES and value is not None
            }
            if attributes.get("specversion") != "1.0":
                raise MalformedEnvelope("ce_specversion is not 1.0")
            return cls.model_validate(attributes)
        except ValueError as error:  # a pydantic error and a header that is no UTF-8 are both of it
            raise MalformedEnvelope(str(error)) from error


_ATTRIBUTES: Final = {f"ce_{name}": name for name in ("specversion", *Envelope.model_fields)}
"""Of the headers that mean something here; looked up, since every record read has a dozen."""


def schema_id(event_type: str) -> str:
    """The stable `dataschema` of an event type, which is also the `$id` of its JSON Schema."""
    return f"urn:florin:schema:{event_type}"
