"""How API keys look: so that programs, secret scanners and the gateway know one when they see it.

`florin_<prefix>_<secret><checksum>`, in letters and digits: a prefix of 12 that tells one key from
another and is no secret, 43 that are one (256 random bits), and the CRC-32 of all that precedes it
as 6 digits to base 62. A key that was cut short or mistyped is known as such without asking.
"""

import re
import string
import zlib
from typing import Final

ALPHABET: Final = string.digits + string.ascii_uppercase + string.ascii_lowercase
BEGINNING: Final = "florin_"
PREFIX_LENGTH: Final = 12
SECRET_LENGTH: Final = 43
CHECKSUM_LENGTH: Final = 6
PATTERN: Final = re.compile(
    rf"{BEGINNING}[0-9A-Za-z]{{{PREFIX_LENGTH}}}_[0-9A-Za-z]{{{SECRET_LENGTH + CHECKSUM_LENGTH}}}"
)


def is_api_key(text: str) -> bool:
    """Whether it has the form of a key, checksum included; nothing about whether it is good."""
    if not PATTERN.fullmatch(text):
        return False
    return checksum(text[:-CHECKSUM_LENGTH]) == text[-CHECKSUM_LENGTH:]


def prefix_of(key: str) -> str:
    """How a well-formed key begins, up to its secret."""
    return key[: len(BEGINNING) + PREFIX_LENGTH]


def checksum(text: str) -> str:
    """What ends a key of which this is the rest."""
    return base62(zlib.crc32(text.encode()), CHECKSUM_LENGTH)


def base62(number: int, length: int) -> str:
    """The number in so many digits, the first with the most weight."""
    digits = []
    for _ in range(length):
        number, digit = divmod(number, len(ALPHABET))
        digits.append(ALPHABET[digit])
    return "".join(reversed(digits))
