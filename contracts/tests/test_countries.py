"""The table of countries, held against other publishers'."""

import pycountry
import pytest
from babel import Locale
from pydantic import TypeAdapter, ValidationError

from florin_contracts.countries import COUNTRIES
from florin_contracts.party import CountryInBody


def test_the_countries_are_those_that_iso_3166_1_assigns() -> None:
    assert {country.alpha_2 for country in pycountry.countries} == COUNTRIES


def test_every_country_has_a_name_in_english_and_in_russian() -> None:
    for language in ("en", "ru"):
        assert Locale(language).territories.keys() >= COUNTRIES


@pytest.mark.parametrize("code", ["XX", "ZZ", "UK", "SU", "XK", "ru", "RUS", ""])
def test_what_is_no_country_is_refused_in_a_body(code: str) -> None:
    with pytest.raises(ValidationError):
        TypeAdapter(CountryInBody).validate_python(code)
