"""Countries and their parts by the codes of ISO 3166, as pycountry lists them."""

from typing import Annotated

import pycountry
from pydantic import AfterValidator, StringConstraints

from florin_contracts.party import Country


def _country(code: str) -> str:
    if pycountry.countries.get(alpha_2=code) is None:
        raise ValueError(f"{code!r} is no country of ISO 3166-1, such as RU")
    return code


def _region(code: str) -> str:
    if pycountry.subdivisions.get(code=code) is None:  # type: ignore[no-untyped-call]
        raise ValueError(f"{code!r} is no part of a country of ISO 3166-2, such as US-CA")
    return code


KnownCountry = Annotated[Country, AfterValidator(_country)]
Region = Annotated[
    str, StringConstraints(pattern=r"^[A-Z]{2}-[A-Z0-9]{1,3}$"), AfterValidator(_region)
]
