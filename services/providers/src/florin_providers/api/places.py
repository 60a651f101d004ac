"""Parts of countries by the codes of ISO 3166-2, as pycountry lists them."""

from typing import Annotated

import pycountry
from pydantic import AfterValidator, StringConstraints


def _region(code: str) -> str:
    if pycountry.subdivisions.get(code=code) is None:  # type: ignore[no-untyped-call]
        raise ValueError(f"{code!r} is no part of a country of ISO 3166-2, such as US-CA")
    return code


Region = Annotated[
    str, StringConstraints(pattern=r"^[A-Z]{2}-[A-Z0-9]{1,3}$"), AfterValidator(_region)
]
