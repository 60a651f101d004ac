"""What the steps of one telling hand on to each other: who acts, and what was made."""

import secrets
import string
from dataclasses import dataclass, field
from pathlib import Path

from florin_local.demo.api import Gateway, Json, Person

_ALPHABET = string.ascii_lowercase + string.digits


def _new_suffix() -> str:
    return "".join(secrets.choice(_ALPHABET) for _ in range(6))


@dataclass
class Tale:
    """One telling. What must be unique in the system, slugs and emails, ends with its suffix.

    `providers`, `companies` and `products` are kept by the names that the steps give them.
    """

    gateway: Gateway
    administrator_file: Path
    kafka_bootstrap: str
    suffix: str = field(default_factory=_new_suffix)
    administrator: Person = field(init=False)
    installed_now: bool = False
    providers: dict[str, Json] = field(default_factory=dict)
    companies: dict[str, Json] = field(default_factory=dict)
    products: dict[str, Json] = field(default_factory=dict)
    employee: Person = field(init=False)
    client: Person = field(init=False)
    client_id: str = ""
    payers: dict[str, Json] = field(default_factory=dict)
    order: Json = field(default_factory=dict)
    invoice: Json = field(default_factory=dict)
    duplicates: int = 0

    def email(self, name: str) -> str:
        """An address that nobody has in this system yet."""
        return f"{name}-{self.suffix}@example.com"


def new_password() -> str:
    """A password that nobody guesses."""
    return secrets.token_urlsafe(18)


def money(amount: str, currency: str) -> Json:
    """Money as the API writes it."""
    return {"amount": amount, "currency": currency}


def in_words(value: Json) -> str:
    """Money as a person reads it."""
    return f"{value['amount']} {value['currency']}"
