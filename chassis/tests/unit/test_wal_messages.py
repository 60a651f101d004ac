"""What the replication stream's messages say; built here as PostgreSQL's manual describes them."""

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from florin_chassis.road.pgoutput import Decoder, UnexpectedTable, position_of, status
from florin_chassis.road.records import COLUMNS

Column = bytes | None


def xlog(payload: bytes) -> bytes:
    return struct.pack(">cQQq", b"w", 1, 2, 3) + payload


def begin() -> bytes:
    return xlog(struct.pack(">cQqI", b"B", 10, 0, 7))


def commit(end: int) -> bytes:
    return xlog(struct.pack(">cBQQq", b"C", 0, end - 1, end, 0))


def keepalive(end: int, reply: int = 0) -> bytes:
    return struct.pack(">cQqB", b"k", end, 0, reply)


def relation(*names: str) -> bytes:
    columns = b"".join(
        struct.pack(">B", 0) + name.encode() + b"\0" + struct.pack(">Ii", 25, -1) for name in names
    )
    head = struct.pack(">cI", b"R", 99) + b"public\0outbox\0d" + struct.pack(">H", len(names))
    return xlog(head + columns)


def insert(*columns: Column) -> bytes:
    values = b"".join(
        b"n" if column is None else struct.pack(">cI", b"t", len(column)) + column
        for column in columns
    )
    return xlog(struct.pack(">cIcH", b"I", 99, b"N", len(columns)) + values)


def decoded(*messages: bytes) -> Decoder:
    decoder = Decoder()
    for message in messages:
        decoder.feed(message)
    return decoder


def test_a_transactions_rows_are_collected_and_its_end_is_reached() -> None:
    row = (b"5", b"weather-station", b"subject", b"{}", b'{"a":1}')
    decoder = decoded(relation(*COLUMNS), begin(), insert(*row), commit(77))
    assert decoder.take() == [(5, "weather-station", b"subject", b"{}", b'{"a":1}')]
    assert decoder.take() == []
    assert decoder.reached == 77


def test_a_tombstone_has_no_data() -> None:
    assert decoded(insert(b"1", b"t", b"s", b"{}", None)).take()[0][4] is None


@given(
    st.integers(1, 2**62),
    st.text(min_size=1),
    st.tuples(st.binary(), st.binary(), st.none() | st.binary()),
)
def test_any_value_comes_out_as_it_went_in(
    row_id: int, topic: str, rest: tuple[bytes, bytes, Column]
) -> None:
    decoder = decoded(insert(str(row_id).encode(), topic.encode(), *rest))
    assert decoder.take() == [(row_id, topic, *rest)]


def test_inside_a_transaction_no_keepalive_is_taken_for_progress() -> None:
    decoder = decoded(keepalive(50), begin(), keepalive(99))
    assert decoder.reached == 50, "its rows may still be to come"
    decoder.feed(commit(60))
    decoder.feed(keepalive(100))
    assert decoder.reached == 100


def test_what_was_reached_is_never_taken_back() -> None:
    assert decoded(begin(), commit(60), keepalive(40)).reached == 60


def test_a_wanted_reply_is_noticed() -> None:
    assert decoded(keepalive(1, reply=1)).reply_wanted
    assert not decoded(keepalive(1)).reply_wanted


@pytest.mark.parametrize("names", [COLUMNS[:-1], (*COLUMNS, "more"), tuple(reversed(COLUMNS))])
def test_other_columns_than_expected_are_refused(names: tuple[str, ...]) -> None:
    with pytest.raises(UnexpectedTable):
        decoded(relation(*names))


def test_a_status_says_up_to_where_nothing_need_be_kept() -> None:
    message = status(0x16B374D848, 946_684_801.5)
    assert struct.unpack(">cQQQqB", message) == (b"r", *[0x16B374D848] * 3, 1_500_000, 0)


def test_a_position_is_read_as_postgresql_writes_it() -> None:
    assert position_of("16/B374D848") == 0x16B374D848
