"""The form of API keys."""

import string
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from florin_contracts.api_keys import ALPHABET, base62, checksum, is_api_key, prefix_of

BODY = "florin_Vega00000001_" + "k" * 43
KEY = BODY + checksum(BODY)


def test_a_key_of_the_first_release_is_one_for_ever() -> None:
    assert KEY == "florin_Vega00000001_" + "k" * 43 + "3mH9CG"
    assert is_api_key(KEY)
    assert prefix_of(KEY) == "florin_Vega00000001"


@given(st.integers(0, len(KEY) - 1), st.sampled_from(ALPHABET))
def test_a_mistyped_character_is_noticed(place: int, typed: str) -> None:
    mistyped = KEY[:place] + typed + KEY[place + 1 :]
    assert is_api_key(mistyped) == (mistyped == KEY)


@given(st.integers(0, len(KEY) - 2))
def test_two_characters_the_wrong_way_round_are_noticed(place: int) -> None:
    swapped = KEY[:place] + KEY[place + 1] + KEY[place] + KEY[place + 2 :]
    assert is_api_key(swapped) == (swapped == KEY)


@pytest.mark.parametrize(
    "text",
    ["", "florin_", KEY[:-1], KEY + "a", f" {KEY}", f"{KEY}\n", KEY.upper(), KEY.replace("k", "é")],
)
def test_what_is_no_key_is_told_from_one(text: str) -> None:
    assert not is_api_key(text)


@given(st.text())
def test_no_text_is_too_odd_to_be_looked_at(text: str) -> None:
    assert not is_api_key(text)


def test_the_checksum_is_the_crc_32_in_six_digits() -> None:
    assert string.digits + string.ascii_uppercase + string.ascii_lowercase == ALPHABET
    assert base62(zlib.crc32(b""), 6) == "000000"
    assert base62(2**32 - 1, 6) == "4gfFC3"
