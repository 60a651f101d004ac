"""Money: integer minor units with a currency's own exponent, a string decimal in JSON, never a float."""

import re
from decimal import Decimal
from typing import Annotated, Any, Final, Self

from pydantic import AfterValidator, model_serializer, model_validator
from pydantic.json_schema import JsonSchemaValue

from florin_contracts.currencies import EXPONENTS
from florin_contracts.values import Value

_DECIMAL: Final = re.compile(r"-?(0|[1-9][0-9]{0,15})(\.[0-9]{1,4})?")


def _known(code: str) -> str:
    if code not in EXPONENTS:
        raise ValueError(f"{code!r} is no ISO 4217 currency")
    return code


CurrencyCode = Annotated[str, AfterValidator(_known)]
"""A currency by its ISO 4217 code, for example `RUB`."""


class Money(Value):
    """An amount in a currency's minor units: `Money(minor=1050, currency="RUB")` is 10.50 roubles.

    In JSON it is `{"amount": "10.50", "currency": "RUB"}`, with as many decimals as the currency has.
    """

    minor: int
    currency: CurrencyCode

    @classmethod
    def of(cls, amount: str, currency: str) -> Self:
        """From a decimal string; raises `ValueError` on more decimals than the currency has."""
        if not _DECIMAL.fullmatch(amount):
            raise ValueError(f"{amount!r} is no decimal amount such as \"10.00\"")
        scaled = Decimal(amount).scaleb(EXPONENTS[_known(currency)])
        if scaled != int(scaled):
            raise ValueError(f"{currency} has {EXPONENTS[currency]} decimals, {amount} has more")
        return cls(minor=int(scaled), currency=currency)

    @property
    def amount(self) -> str:
        """The decimal string, for example `"10.50"`."""
        return f"{Decimal(self.minor).scaleb(-EXPONENTS[self.currency]):f}"

    @model_validator(mode="before")
    @classmethod
    def _from_json(cls, value: Any) -> Any:
        if not isinstance(value, dict) or "minor" in value:
            return value
        amount, currency = value.get("amount"), value.get("currency")
        if not isinstance(amount, str) or not isinstance(currency, str):
            raise ValueError('money is {"amount": "10.00", "currency": "RUB"}, both strings')
        if value.keys() - {"amount", "currency"}:
            raise ValueError("money has the fields amount and currency only")
        return cls.of(amount, currency).__dict__

    @model_serializer
    def _to_json(self) -> dict[str, str]:
        return {"amount": self.amount, "currency": self.currency}

    @classmethod
    def __get_pydantic_json_schema__(cls, core_schema: Any, handler: Any) -> JsonSchemaValue:
        return {
            "title": "Money",
            "type": "object",
            "properties": {
                "amount": {"type": "string", "pattern": f"^{_DECIMAL.pattern}$"},
                "currency": {"type": "string", "pattern": "^[A-Z]{3}$"},
            },
            "required": ["amount", "currency"],
        }
