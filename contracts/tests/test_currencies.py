"""The table of currencies, held against another publisher's."""

from babel.core import get_global
from babel.numbers import get_currency_precision, get_territory_currencies

from florin_contracts.currencies import EXPONENTS

CUSTOMARY_DECIMALS = {
    *{"AFN", "ALL", "IQD", "IRR", "KPW", "LAK", "LBP"},
    *{"MGA", "MMK", "RSD", "SOS", "SYP", "YER"},
}
"""Here CLDR, Babel's source, gives the decimals that people write, and ISO 4217 those there are."""

WITHDRAWN = {"BGN"}
"""Legal tender to this edition of CLDR; ISO 4217 withdrew it in 2026-01, for the euro."""

NOT_TENDER = {"CLF", "UYI", "UYW", "SVC", "VED"}
"""In ISO 4217's list one, but units of account or out of circulation to CLDR."""


def legal_tender() -> set[str]:
    territories = get_global("territory_currencies")
    return {code for territory in territories for code in get_territory_currencies(territory)}


def test_every_legal_tender_of_the_world_is_known() -> None:
    assert legal_tender() - EXPONENTS.keys() == WITHDRAWN


def test_nothing_that_is_no_legal_tender_is_known_except_what_is_listed_here() -> None:
    assert EXPONENTS.keys() - legal_tender() == NOT_TENDER


def test_decimals_agree_with_babel_except_where_it_gives_custom_rather_than_iso_4217() -> None:
    different = {code for code in EXPONENTS if EXPONENTS[code] != get_currency_precision(code)}
    assert different == CUSTOMARY_DECIMALS


def test_a_dinar_of_iraq_has_three_decimals_and_the_rest_of_those_customary_two() -> None:
    assert {code for code in CUSTOMARY_DECIMALS if EXPONENTS[code] != 2} == {"IQD"}
    assert EXPONENTS["IQD"] == 3
