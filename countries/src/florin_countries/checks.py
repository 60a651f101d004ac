"""The checks that packs name. Each says which part of a number is wrong."""

import re
from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Final, TypeAlias

import schwifty
from schwifty import exceptions as bank_faults
from stdnum import exceptions as number_faults

Others: TypeAlias = Mapping[str, str]
"""The values of the neighbouring fields, by their names."""


class CheckFailed(ValueError):
    """`check` says which: length, characters, checksum or component."""

    def __init__(self, check: str, reason: str) -> None:
        super().__init__(f"wrong {check}: {reason}")
        self.check = check


def check_by_name(name: str) -> Callable[[str, Others], None]:
    """`stdnum.ru.inn` is the module of that library; all others are here. Raises `LookupError`."""
    if re.fullmatch(r"stdnum(\.[a-z_]+){1,2}", name):
        try:
            module = import_module(name)
        except ImportError as error:
            raise LookupError(f"there is no check {name}") from error
        return lambda value, _: _by_stdnum(module.validate, value)
    return _OWN[name]


def _by_stdnum(validate: Callable[[str], str], value: str) -> None:
    try:
        validate(value)
    except number_faults.InvalidLength as error:
        raise CheckFailed("length", "it has too many or too few characters") from error
    except number_faults.InvalidFormat as error:
        raise CheckFailed("characters", "one is not allowed there") from error
    except number_faults.InvalidChecksum as error:
        raise CheckFailed("checksum", "mistyped?") from error
    except number_faults.ValidationError as error:
        raise CheckFailed("component", "a part of it is not in use") from error


def _by_schwifty(parse: Callable[[str], object], value: str) -> None:
    try:
        parse(value)
    except bank_faults.InvalidLength as error:
        raise CheckFailed("length", "it has too many or too few characters") from error
    except bank_faults.InvalidStructure as error:
        raise CheckFailed("characters", "one is not allowed there") from error
    except (bank_faults.InvalidChecksumDigits, bank_faults.InvalidBBANChecksum) as error:
        raise CheckFailed("checksum", "mistyped?") from error
    except bank_faults.SchwiftyException as error:
        raise CheckFailed("component", "there is no such country or bank") from error


def _iban(value: str, _: Others) -> None:
    _by_schwifty(lambda text: schwifty.IBAN(text, validate_bban=True), value)


def _bic(value: str, _: Others) -> None:
    _by_schwifty(schwifty.BIC, value)


def _digits(value: str, count: int) -> list[int]:
    if not (value.isascii() and value.isdigit()):
        raise CheckFailed("characters", "it has digits only")
    if len(value) != count:
        raise CheckFailed("length", f"it has {count} digits")
    return [int(digit) for digit in value]


def _ru_account(value: str, others: Others) -> None:
    """With the BIK of its bank. Source: Bank of Russia, order 515 of 8 September 1997.

    The bank's last three digits are the key, or where the central bank itself keeps the account, a
    zero and the digits that say which of its offices: banks' own there, 30101, and the treasury's
    single ones, 40102. Accounts that the treasury keeps, 0, have no such key.
    """
    account, bik = _digits(value, 20), others.get("bank_code", "")
    _digits(bik, 9)
    if value.startswith("0"):
        return
    at_central_bank = bik[6:] in {"000", "001", "002"} or value.startswith(("30101", "40102"))
    key = f"0{bik[4:6]}" if at_central_bank else bik[6:]
    weighed = zip([*map(int, key), *account], [7, 1, 3] * 8, strict=False)
    if sum(digit * weight % 10 for digit, weight in weighed) % 10:
        raise CheckFailed("checksum", "it does not belong to the bank, or is mistyped")


def _kz_number(value: str, _: Others) -> None:
    """A BIN or IIN. Source: the rules of Kazakhstan's register of national numbers."""
    digits = _digits(value, 12)
    weights = [*range(1, 12)]
    for turned in (weights, [*weights[2:], *weights[:2]]):
        rest = sum(d * w for d, w in zip(digits, turned, strict=False)) % 11
        if rest < len("0123456789"):
            break
    if rest != digits[-1]:
        raise CheckFailed("checksum", "mistyped?")


_OWN: Final = {"iban": _iban, "bic": _bic, "ru_account": _ru_account, "kz_number": _kz_number}
