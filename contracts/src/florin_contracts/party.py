"""Values that describe a party: its country and what kind of payer it is."""

from enum import StrEnum
from typing import Annotated

from pydantic import StringConstraints

Country = Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$")]
"""A country by its ISO 3166-1 alpha-2 code."""


class PayerType(StrEnum):
    """What a payer is before the law."""

    INDIVIDUAL = "individual"
    LEGAL_ENTITY = "legal_entity"
    SOLE_TRADER = "sole_trader"
