"""A key's partition is the one that any other producer would choose."""

from aiokafka.partitioner import DefaultPartitioner
from aiokafka.partitioner import murmur2 as reference
from hypothesis import given
from hypothesis import strategies as st

from florin_chassis.road.partitioning import murmur2, partition_of


@given(st.binary(max_size=64))
def test_the_hash_is_kafkas(key: bytes) -> None:
    assert murmur2(key) == reference(key)


@given(st.uuids(), st.integers(1, 50))
def test_a_key_goes_where_the_default_partitioner_sends_it(key: object, count: int) -> None:
    encoded, numbers = str(key).encode(), list(range(count))
    assert partition_of(encoded, count) == DefaultPartitioner()(encoded, numbers, numbers)
