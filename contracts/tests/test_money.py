"""Money keeps every minor unit, and refuses what it could not keep."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from florin_contracts.currencies import EXPONENTS
from florin_contracts.money import MINOR_MAX, Money

currencies = st.sampled_from(sorted(EXPONENTS))
minors = st.integers(min_value=-MINOR_MAX, max_value=MINOR_MAX)


@given(minor=minors, currency=currencies)
def test_any_amount_in_any_currency_survives_json(minor: int, currency: str) -> None:
    money = Money(minor=minor, currency=currency)
    assert Money.model_validate_json(money.model_dump_json()) == money


@given(minor=minors, currency=currencies)
def test_an_amount_is_written_with_exactly_the_decimals_of_its_currency(
    minor: int, currency: str
) -> None:
    _whole, _point, decimals = Money(minor=minor, currency=currency).amount.partition(".")
    assert len(decimals) == EXPONENTS[currency]


@given(minor=minors, currency=currencies)
def test_what_is_written_is_what_a_dictionary_of_strings_holds(minor: int, currency: str) -> None:
    money = Money(minor=minor, currency=currency)
    assert json.loads(money.model_dump_json()) == {"amount": money.amount, "currency": currency}


@given(minor=minors, currency=currencies)
def test_one_decimal_more_than_the_currency_has_is_refused(minor: int, currency: str) -> None:
    amount = Money(minor=minor, currency=currency).amount
    too_fine = f"{amount}1" if "." in amount else f"{amount}.1"
    with pytest.raises(ValueError, match=r"decimal"):
        Money.of(too_fine, currency)


@pytest.mark.parametrize(
    ("amount", "currency", "minor"),
    [
        ("10.50", "RUB", 1050),
        ("10.5", "RUB", 1050),
        ("10", "RUB", 1000),
        ("-0.01", "EUR", -1),
        ("500", "JPY", 500),
        ("1.234", "KWD", 1234),
        ("1.2345", "CLF", 12345),
        ("0", "EUR", 0),
        ("10.00", "JPY", 10),
    ],
)
def test_a_decimal_string_is_read_in_the_minor_units_of_its_currency(
    amount: str, currency: str, minor: int
) -> None:
    assert Money.of(amount, currency).minor == minor


@pytest.mark.parametrize(
    "amount",
    ["", "x", "1,5", "1e5", "+1", " 1", "1\n", "01", ".5", "1.", "NaN", "Infinity", "\u0661"],
)
def test_what_is_no_plain_decimal_is_refused(amount: str) -> None:
    with pytest.raises(ValueError, match="no decimal amount"):
        Money.of(amount, "RUB")


@pytest.mark.parametrize("amount", [10.5, 10, True, None, ["1"], {"amount": "1"}])
def test_an_amount_in_json_is_a_string_and_never_a_float(amount: Any) -> None:
    with pytest.raises(ValidationError, match="both strings"):
        Money.model_validate({"amount": amount, "currency": "RUB"})


@pytest.mark.parametrize("minor", [10.0, 10.5, "10", True, None])
def test_minor_units_are_an_integer_and_nothing_that_resembles_one(minor: Any) -> None:
    with pytest.raises(ValidationError, match="minor"):
        Money(minor=minor, currency="RUB")


@pytest.mark.parametrize("code", ["rub", "RU", "RUBL", "XXX", "XAU", "BGN", ""])
def test_a_currency_that_is_not_in_circulation_is_refused(code: str) -> None:
    with pytest.raises(ValidationError, match="no ISO 4217 currency"):
        Money.model_validate({"amount": "1", "currency": code})


@pytest.mark.parametrize("minor", [MINOR_MAX + 1, -MINOR_MAX - 1])
def test_more_than_a_64_bit_column_holds_is_refused(minor: int) -> None:
    with pytest.raises(ValidationError, match="minor"):
        Money(minor=minor, currency="RUB")


def test_a_decimal_string_beyond_64_bits_is_refused_rather_than_cut() -> None:
    with pytest.raises(ValidationError, match="minor"):
        Money.of("999999999999999999.99", "RUB")


def test_a_field_from_a_newer_writer_is_ignored() -> None:
    read = Money.model_validate({"amount": "1.00", "currency": "RUB", "formatted": "1 ₽"})
    assert read == Money(minor=100, currency="RUB")


def test_an_amount_counts_and_not_the_minor_units_that_someone_adds_to_it() -> None:
    read = Money.model_validate({"amount": "1.00", "currency": "RUB", "minor": 999})
    assert read.minor == 100


def test_money_does_not_change() -> None:
    money = Money(minor=100, currency="RUB")
    with pytest.raises(ValidationError, match="frozen"):
        money.minor = 200  # type: ignore[misc]
