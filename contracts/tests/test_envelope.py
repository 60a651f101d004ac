"""The envelope survives Kafka's headers, and headers it cannot read are refused by name."""

from datetime import UTC
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from florin_contracts.envelope import Envelope, MalformedEnvelope, schema_id

TYPE = "florin.clients.client.registered.v1"
texts = st.text(min_size=1)
envelopes = st.builds(
    Envelope,
    id=st.uuids(),
    source=texts,
    type=texts,
    subject=st.uuids(),
    time=st.datetimes(timezones=st.just(UTC)),
    sequence=st.integers(min_value=1, max_value=2**63 - 1),
    dataschema=texts,
    actor=texts,
    onbehalfof=st.none() | texts,
    reason=st.none() | texts,
    traceparent=st.none() | texts,
    causationid=st.none() | st.uuids(),
)


def headers(**changes: bytes | None) -> list[tuple[str, bytes | None]]:
    attributes: dict[str, bytes | None] = {
        "specversion": b"1.0",
        "id": b"019cb2ec-f680-74f3-a7d7-1787960e3bb5",
        "source": b"florin/clients",
        "type": TYPE.encode(),
        "subject": b"019cb2ec-f680-74f3-a7d7-1787960e3bb6",
        "time": b"2026-03-03T09:00:00Z",
        "sequence": b"1",
        "dataschema": schema_id(TYPE).encode(),
        "actor": b"service/clients",
    }
    return [(f"ce_{name}", value) for name, value in (attributes | changes).items()]


@given(envelopes)
def test_any_envelope_survives_the_headers(envelope: Envelope) -> None:
    assert Envelope.from_headers(envelope.to_headers()) == envelope


@given(envelopes)
def test_every_name_of_an_attribute_is_one_that_cloudevents_allows(envelope: Envelope) -> None:
    names = [name for name, _ in envelope.to_headers() if name != "content-type"]
    assert all(name.startswith("ce_") and name[3:].isalnum() for name in names)
    assert all(name == name.lower() and len(name[3:]) <= 20 for name in names)


def test_headers_state_the_version_and_the_content_type_of_binary_mode() -> None:
    stated = dict(Envelope.from_headers(headers()).to_headers())
    assert stated["ce_specversion"] == b"1.0"
    assert stated["content-type"] == b"application/json"


def test_absent_attributes_have_no_header() -> None:
    assert "ce_reason" not in dict(Envelope.from_headers(headers()).to_headers())


def test_headers_of_other_systems_are_none_of_ours() -> None:
    others: list[tuple[str, bytes | None]] = [("x-request-id", b"7"), ("ce_partitionkey", b"k")]
    assert Envelope.from_headers([*headers(), *others]) == Envelope.from_headers(headers())


@pytest.mark.parametrize(
    ("attribute", "value", "complaint"),
    [
        ("specversion", b"0.3", "specversion"),
        ("specversion", None, "specversion"),
        ("id", b"7", "id"),
        ("subject", None, "subject"),
        ("sequence", b"0", "sequence"),
        ("sequence", b"9223372036854775808", "sequence"),
        ("sequence", b"one", "sequence"),
        ("time", b"2026-03-03T09:00:00", "time"),
        ("time", b"yesterday", "time"),
        ("type", b"", "type"),
        ("actor", None, "actor"),
        ("source", b"\xff", "utf-8"),
    ],
)
def test_a_malformed_attribute_is_refused_by_name(
    attribute: str, value: bytes | None, complaint: str
) -> None:
    with pytest.raises(MalformedEnvelope, match=complaint):
        Envelope.from_headers(headers(**{attribute: value}))


def test_a_message_without_headers_is_no_cloudevent() -> None:
    with pytest.raises(MalformedEnvelope, match="specversion"):
        Envelope.from_headers([])


def test_time_must_have_a_zone() -> None:
    with pytest.raises(MalformedEnvelope, match="time"):
        Envelope.from_headers(headers(time=b"2026-03-03 09:00"))


def test_ids_are_read_as_ids() -> None:
    assert Envelope.from_headers(headers()).id == UUID("019cb2ec-f680-74f3-a7d7-1787960e3bb5")
