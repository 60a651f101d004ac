"""Whatever a record holds, reading it has one of five outcomes."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from florin_contracts.clients import ClientRegistered, ClientState
from florin_contracts.envelope import Envelope, schema_id
from florin_contracts.records import Fact, Malformed, State, Tombstone, Unknown, read_record

FACT = "florin.clients.client.registered.v1"
STATE = "florin.clients.client.state.v1"
SUBJECT = "019cb2ec-f680-74f3-a7d7-1787960e3bb5"
DATA: dict[str, Any] = {
    "id": SUBJECT,
    "name": "vega",
    "country": "RU",
    "state": "not_active",
    "provider_ids": [],
}
VALUE = json.dumps(DATA).encode()


def envelope(type: str) -> Envelope:
    return Envelope.model_validate(
        {
            "id": "019cb2ec-f680-74f3-a7d7-1787960e3bb6",
            "source": "florin/clients",
            "type": type,
            "subject": SUBJECT,
            "time": "2026-03-03T09:00:00Z",
            "sequence": 1,
            "dataschema": schema_id(type),
            "actor": "service/clients",
        }
    )


def read(type: str, value: bytes | None, key: bytes | None = SUBJECT.encode()) -> Any:
    return read_record(envelope(type).to_headers(), key, value)


def test_any_example_is_read_as_what_it_is(example: dict[str, Any]) -> None:
    stated = Envelope.model_validate(example["envelope"])
    value = json.dumps(example["data"]).encode()
    record = read_record(stated.to_headers(), str(stated.subject).encode(), value)
    assert isinstance(record, State if ".state." in stated.type else Fact)
    assert record.envelope == stated


def test_a_fact_comes_with_its_event() -> None:
    expected = ClientRegistered.model_validate(DATA)
    assert read(FACT, VALUE) == Fact(envelope(FACT), expected)


def test_a_state_comes_with_the_public_state() -> None:
    assert read(STATE, VALUE) == State(envelope(STATE), ClientState.model_validate(DATA))


def test_a_state_without_a_value_is_a_tombstone() -> None:
    assert read(STATE, None) == Tombstone(envelope(STATE))


@pytest.mark.parametrize(
    "type", ["florin.clients.client.registered.v2", "florin.weather.cloud.gathered.v1", STATE + "0"]
)
@pytest.mark.parametrize("value", [VALUE, b"not json", None])
def test_a_type_or_version_of_a_newer_release_is_unknown(type: str, value: bytes | None) -> None:
    assert read(type, value) == Unknown(envelope(type))


def test_a_field_of_a_newer_release_is_ignored() -> None:
    newer = json.dumps(DATA | {"loyalty": 7}).encode()
    assert read(FACT, newer) == read(FACT, VALUE)


@pytest.mark.parametrize("type", [FACT, STATE])
@pytest.mark.parametrize(
    ("value", "why"),
    [
        (b"", "data: Invalid JSON"),
        (b"\xff", "data: Invalid JSON"),
        (b"{", "data: Invalid JSON"),
        (b"[" * 100_000, "data: Invalid JSON"),
        (b"[]", "data: Input should be an object"),
        (b"null", "data: Input should be an object"),
        (b'{"id": "7"}', "name: Field required"),
        (json.dumps(DATA | {"country": "Russia"}).encode(), "country: String should match"),
    ],
)
def test_data_that_breaks_its_schema_is_malformed(type: str, value: bytes, why: str) -> None:
    outcome = read(type, value)
    assert isinstance(outcome, Malformed)
    assert outcome.why.startswith("its data is malformed: ")
    assert why in outcome.why


def test_a_fact_without_data_is_malformed() -> None:
    assert read(FACT, None) == Malformed("a fact without data")


@pytest.mark.parametrize("key", [None, b"", b"\xff", SUBJECT.upper().encode()])
@pytest.mark.parametrize("value", [VALUE, None])
def test_a_key_that_is_not_the_subject_is_malformed(key: bytes | None, value: bytes | None) -> None:
    assert read(STATE, value, key) == Malformed("its key is not its subject")


@pytest.mark.parametrize("headers", [None, [], [("ce_id", b"7")], [("ce_type", b"\xff")]])
@pytest.mark.parametrize("value", [VALUE, None])
def test_a_record_without_an_envelope_is_malformed(headers: Any, value: bytes | None) -> None:
    outcome = read_record(headers, SUBJECT.encode(), value)
    assert isinstance(outcome, Malformed)
    assert outcome.why.startswith("its envelope is malformed: ")


def test_what_is_wrong_is_told_without_what_it_holds() -> None:
    headers = dict(envelope(FACT).to_headers()) | {"ce_subject": b"secret"}
    outcomes = [
        read(FACT, json.dumps(DATA | {"country": "secret", "name": ["secret"]}).encode()),
        read_record(headers.items(), SUBJECT.encode(), VALUE),
    ]
    assert all(isinstance(outcome, Malformed) for outcome in outcomes)
    assert "secret" not in str(outcomes)


names = st.sampled_from([name for name, _ in envelope(FACT).to_headers()]) | st.text()
noise = st.lists(st.tuples(names, st.none() | st.binary()))


@given(noise, st.none() | st.binary(), st.none() | st.binary())
def test_noise_is_malformed_and_never_raises(
    headers: list[tuple[str, bytes | None]], key: bytes | None, value: bytes | None
) -> None:
    assert isinstance(read_record(headers, key, value), Malformed)


@given(st.sampled_from([FACT, STATE]), st.binary())
def test_no_value_makes_reading_raise(type: str, value: bytes) -> None:
    assert isinstance(read(type, value), Malformed)
