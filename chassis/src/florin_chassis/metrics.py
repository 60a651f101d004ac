"""What a process counts, in Prometheus' form, at `/metrics`."""

from typing import Final

from prometheus_client import Counter, Gauge, Histogram

REQUESTS: Final = Histogram(
    "florin_http_request_seconds",
    "Seconds from a request's arrival to the end of its answer",
    ["method", "route", "status"],
)
RELAYED: Final = Counter("florin_relay_events_total", "Events acknowledged by Kafka")
RELAY_DRAINED: Final = Counter(
    "florin_relay_drained_total", "Stops before which all that was committed had been acknowledged"
)
OUTBOX_POSITION: Final = Gauge("florin_relay_position", "Outbox id up to which all is on Kafka")
STATES_POSITION: Final = Gauge(
    "florin_relay_states_position", "Outbox id up to which all states are on Kafka"
)
OUTBOX_AGE: Final = Gauge(
    "florin_relay_oldest_unpublished_seconds", "Age of the oldest event that is not on Kafka"
)
RELAY_MODE: Final = Gauge(
    "florin_relay_mode", "1 for how the leading relay reads the outbox: wal or poll", ["mode"]
)
RELAY_HELD: Final = Gauge(
    "florin_relay_held_events", "Events that Kafka refuses, and those behind them", ["topic"]
)
RELAY_REFUSED: Final = Gauge(
    "florin_relay_refused_id", "Outbox id of the first event of a topic that is held", ["topic"]
)
SLOT_LAG: Final = Gauge(
    "florin_relay_slot_lag_bytes", "Write-ahead log that the relay's replication slot keeps back"
)
SLOT_STATUS: Final = Gauge(
    "florin_relay_slot_status", "1 for the slot's wal_status, as PostgreSQL names it", ["status"]
)
CONSUMED: Final = Counter(
    "florin_consumer_events_total",
    "Events by topic and outcome: handled, duplicate (its id has been), outdated (a later one of"
    " its aggregate has been), ignored (of a type nobody here wants), parked, replayed",
    ["topic", "outcome"],
)
CONSUMER_AGE: Final = Gauge(
    "florin_consumer_age_seconds", "Age of the last handled event when it was handled", ["topic"]
)
CONSUMER_LAG: Final = Gauge(
    "florin_consumer_lag_records", "Records behind the end of the log", ["topic", "partition"]
)
CONSUMER_WAIT: Final = Gauge(
    "florin_consumer_wait_seconds",
    "How long a partition's next event has been waiting for another event or for the database",
    ["topic", "partition"],
)
CONSUMER_RETRIES: Final = Counter(
    "florin_consumer_retries_total",
    "Batches tried again, by reason: not_yet, concurrent_change, database",
    ["topic", "reason"],
)
CONSUMER_FENCED: Final = Counter(
    "florin_consumer_fenced_total",
    "Batches without effect, because another consumer had moved the partition's position",
    ["topic"],
)
CONSUMER_LOG_RESETS: Final = Counter(
    "florin_consumer_log_resets_total",
    "Logs read from their start again: replaced (it is another log), truncated (retention passed"
    " records that had not been read)",
    ["topic", "reason"],
)
CONSUMER_GAPS: Final = Counter(
    "florin_consumer_sequence_gaps_total",
    "Events that skipped a sequence of their aggregate, as seen from here",
    ["topic"],
)
PARKED: Final = Gauge(
    "florin_consumer_parked_events", "Events that wait to be replayed or discarded"
)
REVOCATIONS_KNOWN: Final = Gauge(
    "florin_revocations_known", "Sessions, users and others whose tokens are refused here"
)
REVOCATIONS_AGE: Final = Gauge(
    "florin_revocations_age_seconds",
    "How long ago all was known that was revoked; it grows while Kafka is away",
)
