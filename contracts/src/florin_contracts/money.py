"""Money: integer minor units of a currency; in JSON a decimal string, never a float."""

import re
from decimal import Decimal
from typing import Annotated, Any, Final, Self

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    WithJsonSchema,
    model_serializer,
    model_validator,
)
from pydantic.json_schema import JsonSchemaValue

from florin_contracts.currencies import EXPONENTS
from florin_contracts.values import Value

MINOR_MAX: Final = 2**63 - 1
"""The most minor units either way: what a signed 64-bit column holds."""

_DECIMAL: Final = re.compile(r"-?(0|[1-9][0-9]{0,18})(\.[0-9]{1,4})?")
_CURRENCY_SCHEMA: Final = {"type": "string", "pattern": "^[A-Z]{3}$"}


def _known(code: str) -> str:
    if code not in EXPONENTS:
        raise ValueError(f"{code!r} is no ISO 4217 currency")
    return code


CurrencyCode = Annotated[str, AfterValidator(_known), WithJsonSchema(_CURRENCY_SCHEMA)]
"""A currency by its ISO 4217 code, for example `RUB`."""


class Money(Value):
    """An amount in a currency's minor units: `Money(minor=1050, currency="RUB")` is 10.50 roubles.

    In JSON it is `{"amount": "10.50", "currency": "RUB"}`, with all the decimals of its currency.
    """

    minor: Annotated[int, Field(strict=True, ge=-MINOR_MAX, le=MINOR_MAX)]
    currency: CurrencyCode

    @classmethod
    def of(cls, amount: str, currency: str) -> Self:
        """From a decimal string; raises `ValueError` on more decimals than the currency has."""
        if not _DECIMAL.fullmatch(amount):
            raise ValueError(f'{amount!r} is no decimal amount such as "10.00"')
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
        if not isinstance(value, dict) or value.keys() == {"minor", "currency"}:
            return value
        amount, currency = value.get("amount"), value.get("currency")
        if not (isinstance(amount, str) and isinstance(currency, str)):
            raise ValueError('money is {"amount": "10.00", "currency": "RUB"}, both strings')
        return cls.of(amount, currency).__dict__

    @model_serializer
    def _to_json(self) -> dict[str, str]:
        return {"amount": self.amount, "currency": self.currency}

    @classmethod
    def __get_pydantic_json_schema__(cls, core_schema: Any, handler: Any) -> JsonSchemaValue:
        return {
            "title": "Money",
            "description": "An amount with exactly as many decimals as its ISO 4217 currency has.",
            "type": "object",
            "properties": {
                "amount": {
                    "type": "string",
                    "pattern": f"^{_DECIMAL.pattern}$",
                    "description": "The decimal number as text, with a point.",
                },
                "currency": _CURRENCY_SCHEMA | {"description": "The currency's ISO 4217 code."},
            },
            "required": ["amount", "currency"],
        }


def _decimal_form(value: Any) -> Any:
    if not isinstance(value, dict) or value.keys() != {"amount", "currency"}:
        raise ValueError('money is {"amount": "10.00", "currency": "RUB"}, and nothing else')
    return value


MoneyInBody = Annotated[Money, BeforeValidator(_decimal_form)]
"""Money as a request brings it: the decimal form only, without a field that we do not know."""
