"""One trace from the gateway's door to the last consumer's effect."""

import secrets

import httpx
from tests.e2e.collector import Collector

from florin_contracts.clients import ClientRegistered
from florin_contracts.identity import UserRegistered
from florin_local.demo.tale import Tale

TIMEOUT_S = 30


def test_one_trace_reaches_from_the_gateway_to_the_last_consumer(
    http: httpx.Client, tale: Tale, collector: Collector
) -> None:
    trace_id, caller = secrets.token_hex(16), secrets.token_hex(8)
    registration = {
        "name": "Traced",
        "email": tale.email("traced"),
        "password": secrets.token_urlsafe(18),
        "provider_id": tale.providers["N-1"]["id"],
        "country": "RU",
    }
    answer = http.post(
        "/registrations",
        json=registration,
        headers={"traceparent": f"00-{trace_id}-{caller}-01"},
    )
    assert answer.status_code == 201, answer.text

    services = {"florin-gateway", "florin-identity", "florin-clients", "florin-payers"}
    spans = collector.wait_for(trace_id, services, timeout_s=TIMEOUT_S)

    assert services <= {span.service for span in spans}
    at_the_door = next(span for span in spans if span.parent_id == caller)
    assert at_the_door.service == "florin-gateway"
    known = {span.span_id for span in spans} | {caller}
    assert [span for span in spans if span.parent_id not in known] == []
    handled = {(span.service, span.name) for span in spans}
    assert ("florin-clients", f"process {UserRegistered.type}") in handled
    assert ("florin-payers", f"process {ClientRegistered.type}") in handled
