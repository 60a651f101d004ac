"""A party's values say no to what they are not."""

import pytest
from pydantic import TypeAdapter, ValidationError

from florin_contracts.party import Country, PayerType

country = TypeAdapter(Country)


@pytest.mark.parametrize("code", ["RU", "NL", "DE"])
def test_a_country_is_two_capital_letters(code: str) -> None:
    assert country.validate_python(code) == code


@pytest.mark.parametrize("code", ["ru", "RUS", "R", "", "R1", "RU\n", " RU", "ЯЯ"])
def test_anything_else_is_no_country(code: str) -> None:
    with pytest.raises(ValidationError):
        country.validate_python(code)


def test_a_payer_is_one_of_three_things_before_the_law() -> None:
    assert set(PayerType) == {"individual", "legal_entity", "sole_trader"}
