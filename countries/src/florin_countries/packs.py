"""A country's pack: which numbers its parties have, how they are checked, what they are called."""

import re
from collections.abc import Iterator, Mapping
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Final

import yaml
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, field_validator

from florin_contracts.party import CountryInBody
from florin_countries.checks import CheckFailed, check_by_name

PACKS: Final = Path(__file__).parent / "packs"
GENERIC: Final = "generic"
"""The pack of every country that has none of its own."""

Words = Annotated[Mapping[str, str], Field(min_length=1)]
"""By language: English, and the country's own."""


class Demand(StrEnum):
    """Whether a party of some legal status has such a number."""

    REQUIRED = "required"
    OPTIONAL = "optional"


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class PackField(_Strict):
    """One number; `applies` names the legal statuses that have it, all others do not.

    `check` names what it is checked by, beside its form: see `checks`.
    """

    label: Words
    applies: Mapping[str, Demand]
    length: Mapping[str, int] | None = None
    pattern: str | None = None
    check: str | None = None

    @field_validator("check")
    @classmethod
    def _is_known(cls, name: str | None) -> str | None:
        if name is not None:
            try:
                check_by_name(name)
            except LookupError as error:
                raise ValueError(f"there is no check {name}") from error
        return name

    def verify(self, value: str, status: str, others: Mapping[str, str]) -> None:
        """Raise `CheckFailed`."""
        length = (self.length or {}).get(status)
        if length is not None and len(value) != length:
            raise CheckFailed("length", f"it has {length} characters")
        if self.pattern is not None and not re.fullmatch(self.pattern, value):
            raise CheckFailed("characters", f"it is of the form {self.pattern}")
        if self.check is not None:
            check_by_name(self.check)(value, others)


class Fault(BaseModel):
    """What is wrong with one field; `code` is missing, unexpected, or the check that failed."""

    field: str
    code: str
    reason: str


Key = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z_]{0,39}$")]


class CountryPack(_Strict):
    """What a form asks of a party in a country. `fields` are its own, `bank` an account's."""

    country: CountryInBody | None
    language: str
    name: Words
    fields: Mapping[Key, PackField]
    bank: Mapping[Key, PackField]
    tax_regimes: Mapping[Key, Words]

    def faults(self, status: str, values: Mapping[str, str]) -> list[Fault]:
        """Everything wrong with a party's numbers; none if nothing is."""
        return list(_faults(self.fields, status, values))

    def bank_faults(self, status: str, values: Mapping[str, str]) -> list[Fault]:
        """The same, of a bank account."""
        return list(_faults(self.bank, status, values))


def _faults(
    fields: Mapping[str, PackField], status: str, values: Mapping[str, str]
) -> Iterator[Fault]:
    asked = {name: f for name, f in fields.items() if status in f.applies}
    for name, field in asked.items():
        if name not in values:
            if field.applies[status] is Demand.REQUIRED:
                yield Fault(field=name, code="missing", reason=f"{field.label['en']} is required")
            continue
        try:
            field.verify(values[name], status, values)
        except CheckFailed as failed:
            yield Fault(field=name, code=failed.check, reason=f"{field.label['en']}: {failed}")
    for name in sorted(values.keys() - asked.keys()):
        yield Fault(field=name, code="unexpected", reason=f"a {status} here has no such number")


@cache
def read_packs(folder: Path = PACKS) -> Mapping[str, CountryPack]:
    """Every pack of the folder by its country, and `generic`; a file's name is its country."""
    packs = {path.stem: _read(path) for path in sorted(folder.glob("*.yaml"))}
    if GENERIC not in packs:
        raise FileNotFoundError(f"{folder} has no generic pack")
    return packs


def _read(path: Path) -> CountryPack:
    document: Any = yaml.safe_load(path.read_text("utf-8"))
    country = None if path.stem == GENERIC else path.stem
    return CountryPack.model_validate({**document, "country": country})


def pack_of(country: str, folder: Path = PACKS) -> CountryPack:
    """The country's own pack, or the generic one."""
    packs = read_packs(folder)
    return packs.get(country, packs[GENERIC])
