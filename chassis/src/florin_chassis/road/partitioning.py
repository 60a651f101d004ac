"""To which partition a key belongs, as every producer with Kafka's default partitioner has it."""

from functools import lru_cache
from struct import unpack_from


@lru_cache(maxsize=16_384)
def partition_of(key: bytes, count: int) -> int:
    """The number of the key's partition among so many."""
    return (murmur2(key) & 0x7FFFFFFF) % count


def murmur2(key: bytes) -> int:
    """Kafka's hash of a key (`org.apache.kafka.common.utils.Utils.murmur2`), unsigned.

    aiokafka's own takes the key apart byte by byte, a good part of what sending an event costs.
    """
    length = len(key)
    words = length >> 2
    result = 0x9747B28C ^ length
    for word in unpack_from(f"<{words}I", key):
        mixed = word * 0x5BD1E995 & 0xFFFFFFFF
        result = (result * 0x5BD1E995 ^ (mixed ^ mixed >> 24) * 0x5BD1E995) & 0xFFFFFFFF
    if length & 3:
        result = (result ^ int.from_bytes(key[words << 2 :], "little")) * 0x5BD1E995 & 0xFFFFFFFF
    result = (result ^ result >> 13) * 0x5BD1E995 & 0xFFFFFFFF
    return result ^ result >> 15
