"""What a process counts, in Prometheus' form, at `/metrics`."""

from typing import Final

from prometheus_client import Counter, Gauge, Histogram

REQUESTS: Final = Histogram(
    "florin_http_request_seconds",
    "Seconds from a request's arrival to the end of its answer",
    ["method", "route", "status"],
)
RELAYED: Final = Counter("florin_relay_events_total", "Events acknowledged by Kafka")
OUTBOX_POSITION: Final = Gauge("florin_relay_position", "Outbox id up to which all is on Kafka")
CONSUMED: Final = Counter(
    "florin_consumer_events_total", "Events handled, by topic and outcome", ["topic", "outcome"]
)
CONSUMER_LAG: Final = Gauge(
    "florin_consumer_age_seconds", "Age of the last handled event when it was handled", ["topic"]
)
