"""The storyteller's own tools: what a deaf or forgetful one would let pass is noticed."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from types import SimpleNamespace
from typing import Any, NamedTuple
from uuid import UUID, uuid4

import pytest

from florin_contracts.envelope import Envelope, schema_id
from florin_contracts.identity import SessionStarted
from florin_local.demo.api import Gateway
from florin_local.demo.checks import DoesNotHold, until
from florin_local.demo.listener import Record

SUBJECT = uuid4()
NOW = datetime(2026, 1, 1, tzinfo=UTC)


class Reply(NamedTuple):
    """What a stand-in gateway says once."""

    status: int
    headers: dict[str, str]


@contextmanager
def gateway_saying(*replies: Reply) -> Iterator[tuple[Gateway, list[str]]]:
    """A gateway behind which a stand-in says these; and the idempotency keys that it was sent."""
    left, keys = list(replies), list[str]()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            keys.append(self.headers["Idempotency-Key"])
            reply = left.pop(0)
            self.send_response(reply.status)
            for name, value in {**reply.headers, "Content-Length": "2"}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(b"{}")

        def log_message(self, *_: object) -> None:
            return

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            with Gateway(f"http://127.0.0.1:{server.server_port}", patience_s=5) as gateway:
                yield gateway, keys
        finally:
            server.shutdown()
            thread.join()


@pytest.mark.parametrize("status", [502, 503, 504])
def test_a_write_is_tried_again_under_its_key_while_a_service_is_away(status: int) -> None:
    with gateway_saying(Reply(status, {}), Reply(201, {})) as (gateway, keys):
        assert gateway.ask("POST", "/orders", body={}).status == 201
    assert len(keys) == 2
    assert len(set(keys)) == 1


def test_a_key_in_flight_is_waited_for_under_the_same_key() -> None:
    with gateway_saying(Reply(409, {"Retry-After": "1"}), Reply(201, {})) as (gateway, keys):
        assert gateway.ask("POST", "/orders", body={}).status == 201
    assert len(set(keys)) == 1


def test_what_was_refused_too_early_is_asked_under_another_key() -> None:
    with gateway_saying(Reply(409, {"Florin-Stale": "true"}), Reply(201, {})) as (gateway, keys):
        assert gateway.ask("POST", "/orders", body={}).status == 201
    assert len(set(keys)) == 2


def test_a_refusal_is_taken_as_the_answer() -> None:
    with gateway_saying(Reply(409, {})) as (gateway, keys):
        assert gateway.ask("POST", "/orders", body={}).status == 409
    assert len(keys) == 1


def test_what_never_holds_is_said_with_what_came_last() -> None:
    def never() -> None:
        raise DoesNotHold("the state", expected="active", came="not_active")

    with pytest.raises(DoesNotHold, match="came not_active"):
        until(never, patience_s=0)


def hear(record: Record, sequence: int, *, event_id: UUID | None = None, **more: Any) -> Envelope:
    """Let a record take one event, as Kafka delivers it."""
    envelope = Envelope(
        id=event_id or uuid4(),
        source="florin/test",
        type=SessionStarted.type,
        subject=more.pop("subject", SUBJECT),
        time=NOW + timedelta(seconds=more.pop("second", sequence)),
        sequence=sequence,
        dataschema=schema_id(SessionStarted.type),
        actor="user/test",
        **more,
    )
    session = SessionStarted(id=envelope.subject, user_id=uuid4(), started_at=NOW)
    message: Any = SimpleNamespace(
        headers=envelope.to_headers(), value=session.model_dump_json().encode()
    )
    record.take(message)
    return envelope


def test_a_gap_in_an_aggregate_s_life_is_heard() -> None:
    record = Record({SUBJECT})
    hear(record, 1)
    assert record.faults() == []
    hear(record, 3)
    assert "numbered [1, 3]" in record.faults()[0]


def test_a_step_that_was_taken_twice_is_heard() -> None:
    record = Record({SUBJECT})
    hear(record, 1)
    hear(record, 1)
    assert "numbered [1, 1]" in record.faults()[0]


def test_an_event_that_is_delivered_again_is_dropped_and_counted() -> None:
    record = Record({SUBJECT})
    event_id = uuid4()
    hear(record, 1, event_id=event_id)
    hear(record, 1, event_id=event_id)
    assert (len(record.heard), record.duplicates, record.faults()) == (1, 1, [])


def test_an_effect_that_comes_before_its_cause_is_heard() -> None:
    record = Record({SUBJECT})
    cause = uuid4()
    hear(record, 1, second=1, causationid=cause)
    hear(record, 2, second=2, event_id=cause)
    assert "before its cause" in record.faults()[0]


def test_events_of_other_stories_are_not_listened_to() -> None:
    record = Record({SUBJECT})
    hear(record, 1, subject=uuid4())
    assert record.heard == {}
