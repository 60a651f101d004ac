"""The chassis' own tables, the same in every service's database; made by its migrations."""

from sqlalchemy import (
    BigInteger,
    Column,
    DateTime,
    Identity,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    func,
)
from sqlalchemy.dialects.postgresql import JSONB

from florin_chassis.orm import NAMING

chassis_metadata = MetaData(naming_convention=NAMING)

outbox = Table(
    "outbox",
    chassis_metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("topic", Text, nullable=False),
    Column("subject", Uuid, nullable=False),
    Column("sequence", BigInteger, nullable=False),
    Column("envelope", Text, nullable=False, comment="CloudEvents attributes, JSON"),
    Column("data", Text, nullable=False, comment="The event itself, JSON"),
    Column("stated_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
)

relay_cursor = Table(
    "relay_cursor",
    chassis_metadata,
    Column("shard", Integer, primary_key=True, autoincrement=False),
    Column("position", BigInteger, nullable=False, comment="Every outbox id up to it is on Kafka"),
)

inbox = Table(
    "inbox",
    chassis_metadata,
    Column("event_id", Uuid, primary_key=True),
    Column("received_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
)

parked_events = Table(
    "parked_events",
    chassis_metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("topic", Text, nullable=False),
    Column("partition", Integer, nullable=False),
    Column("offset", BigInteger, nullable=False),
    Column("key", Text, nullable=False),
    Column("headers", JSONB, nullable=False),
    Column("value", LargeBinary, nullable=False),
    Column("error", Text, nullable=False),
    Column("parked_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    UniqueConstraint("topic", "partition", "offset"),
    Index(None, "topic", "key"),
)

projected_states = Table(
    "projected_states",
    chassis_metadata,
    Column("topic", Text, primary_key=True),
    Column("id", Uuid, primary_key=True),
    Column("sequence", BigInteger, nullable=False),
    Column("state", JSONB, nullable=False),
)

audit = Table(
    "audit",
    chassis_metadata,
    Column("event_id", Uuid, primary_key=True),
    Column("at", DateTime(timezone=True), nullable=False),
    Column("actor", Text, nullable=False),
    Column("on_behalf_of", Text),
    Column("reason", Text),
    Column("act", Text, nullable=False, comment="The type of the event"),
    Column("subject", Uuid, nullable=False),
    Column("sequence", BigInteger, nullable=False),
    Column("trace_id", Text),
    UniqueConstraint("subject", "sequence"),
)

idempotency_records = Table(
    "idempotency_records",
    chassis_metadata,
    Column("actor", Text, primary_key=True),
    Column("key", Text, primary_key=True, comment="SHA-256 of the key"),
    Column("fingerprint", LargeBinary, nullable=False, comment="HMAC of the request by the key"),
    Column("status", Integer, nullable=False),
    Column("headers", JSONB, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("answered_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
)
