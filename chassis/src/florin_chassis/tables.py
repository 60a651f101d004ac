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
    Sequence,
    Table,
    Text,
    Uuid,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from florin_chassis.orm import NAMING

chassis_metadata = MetaData(naming_convention=NAMING)

_outbox_ids = Sequence("outbox_ids", metadata=chassis_metadata, data_type=BigInteger)

outbox = Table(
    "outbox",
    chassis_metadata,
    Column("id", BigInteger, server_default=_outbox_ids.next_value(), primary_key=True),
    Column("topic", Text, nullable=False, comment="A fact, state or dead-letter topic, no prefix"),
    Column("subject", Uuid, nullable=False),
    Column("sequence", BigInteger, nullable=False),
    Column("envelope", Text, nullable=False, comment="CloudEvents attributes, JSON"),
    Column("data", Text, comment="The event itself, JSON; null is a tombstone"),
    Column("stated_at", DateTime(timezone=True), server_default=func.now(), primary_key=True),
    postgresql_partition_by="RANGE (stated_at)",
)
"""Only ever inserted into; a day's rows go with their partition."""

relay_cursors = Table(
    "relay_cursors",
    chassis_metadata,
    Column("reader", Text, primary_key=True, comment="facts or states"),
    Column("position", BigInteger, nullable=False, comment="Every outbox id up to it is on Kafka"),
)

consumer_positions = Table(
    "consumer_positions",
    chassis_metadata,
    Column("topic", Text, primary_key=True),
    Column("partition", Integer, primary_key=True, autoincrement=False),
    Column("next_offset", BigInteger, nullable=False, comment="All before it has had its effect"),
    Column(
        "last_timestamp",
        BigInteger,
        comment="Kafka's timestamp of the record before it: another one there is another log",
    ),
    comment="Topics as Kafka names them, with the prefix",
)
"""The fence: a batch moves it on from where its consumer believes it to be, or has no effect."""

consumed_sequences = Table(
    "consumed_sequences",
    chassis_metadata,
    Column("topic", Text, primary_key=True),
    Column("subject", Uuid, primary_key=True),
    Column("sequence", BigInteger, nullable=False, comment="The last that a handler has seen"),
)
"""So that no handler sees an aggregate go backwards."""

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
    Column("topic", Text, nullable=False, comment="As Kafka names it, with the prefix"),
    Column("partition", Integer, nullable=False),
    Column("offset", BigInteger, nullable=False),
    Column("key", Text, nullable=False),
    Column("headers", JSONB, nullable=False),
    Column("value", LargeBinary, comment="Null is a tombstone"),
    Column("error", Text, nullable=False),
    Column("parked_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Column("replay_requested_at", DateTime(timezone=True)),
    Index(None, "topic", "key"),
)

projected_states = Table(
    "projected_states",
    chassis_metadata,
    Column("topic", Text, primary_key=True),
    Column("id", Uuid, primary_key=True),
    Column("sequence", BigInteger, nullable=False),
    Column("state", JSONB(none_as_null=True), comment="Null once its owner has erased it"),
)

pending_tombstones = Table(
    "pending_tombstones",
    chassis_metadata,
    Column("topic", Text, primary_key=True, comment="A state topic, without the prefix"),
    Column("subject", Uuid, primary_key=True),
    Column("sequence", BigInteger, nullable=False),
    Column("erased_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
)
"""Erasures whose tombstone is to be stated once more: `florin_chassis.road.tombstones` says why."""

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
    Column("kind", Text, comment="As in its topic, of an aggregate that keeps its history"),
    Column("state", Text, comment="What its fact carried, JSON; null once the aggregate is erased"),
    # An aggregate is named by its kind and its id: a user and what it may do share theirs.
    Index(
        "uq_audit_subject_sequence_kind",
        "subject",
        "sequence",
        text("split_part(act, '.', 3)"),
        unique=True,
    ),
    *(
        Index(
            f"ix_audit_history{''.join(f'_{name}' for name in by)}",
            *by,
            "at",
            "event_id",
            postgresql_where=text("kind IS NOT NULL"),
        )
        for by in ((), ("kind",), ("actor",))
    ),
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
