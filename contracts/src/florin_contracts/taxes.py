"""Which taxes apply, and what they come to: the same for whoever holds a company's tax rules.

Pure: whoever keeps the states of `providers-tax-rule` works out what providers does.
"""

from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from math import floor
from typing import NamedTuple
from uuid import UUID

from florin_contracts.money import Money
from florin_contracts.providers.company import Rounding
from florin_contracts.providers.tax import TaxQuestion, TaxRuleState
from florin_contracts.values import Value


class RuleWeighed(Value):
    """One rule's verdict; `reason` says why it does not apply, and is none if it does."""

    rule_id: UUID
    tax: str
    applies: bool
    reason: str | None


class TaxChoice(Value):
    """The rules that apply, one of each tax, and the verdict of every rule."""

    applying: tuple[TaxRuleState, ...]
    rate: str
    """All their rates together, in percent."""
    rules: tuple[RuleWeighed, ...]


class TaxedLine(Value):
    """What something costs, as priced, and the rules that apply to it."""

    amount: Money
    rules: tuple[TaxRuleState, ...]


class TaxPart(NamedTuple):
    """What documents state apart: a tax at a rate, or why none is charged."""

    tax: str
    kind: str
    rate: str
    inclusive: bool
    reason_code: str | None
    reason: str | None


class TaxStated(Value):
    """A part with what it comes to, and the net amount that it is of."""

    tax: str
    kind: str
    rate: str
    inclusive: bool
    reason_code: str | None
    reason: str | None
    net: Money
    amount: Money


class Taxed(Value):
    """`net` and `tax` are `gross`, and the parts are `tax`, to the last minor unit."""

    net: Money
    tax: Money
    gross: Money
    parts: tuple[TaxStated, ...]


def choose_taxes(rules: Iterable[TaxRuleState], asked: TaxQuestion) -> TaxChoice:
    """Of each tax the most specific rule that matches; names of taxes differ by more than case.

    Rules of the same specificity that both match are refused where rules are kept; if there are
    two all the same, the later one applies, so that the order in which they come never matters.
    """
    all_ = sorted(rules, key=lambda rule: rule.id)
    mismatches = {rule.id: rule.mismatch(asked) for rule in all_}
    best: dict[str, TaxRuleState] = {}
    for rule in all_:
        rival = best.get(rule.tax.casefold())
        if mismatches[rule.id] is None and (rival is None or _rank(rule) > _rank(rival)):
            best[rule.tax.casefold()] = rule
    weighed = []
    for rule in all_:
        chosen = best.get(rule.tax.casefold())
        reason = mismatches[rule.id]
        if reason is None and chosen is not None and chosen.id != rule.id:
            reason = f"rule {chosen.id} is more specific"
        weighed.append(
            RuleWeighed(rule_id=rule.id, tax=rule.tax, applies=reason is None, reason=reason)
        )
    applying = tuple(best[tax] for tax in sorted(best))
    rate = sum((_percent(rule.rate) for rule in applying), Fraction())
    return TaxChoice(applying=applying, rate=_decimal(rate), rules=tuple(weighed))


def work_out(lines: Sequence[TaxedLine], point: Rounding) -> Taxed:
    """What the lines of one document come to, taxes in and on top of their prices.

    Each tax is of the net amount, never of another tax. Raises `ValueError` for no line, several
    currencies, or a sum that is no `Money`.
    """
    (currency,) = {line.amount.currency for line in lines}
    taxes, nets = _exact(lines)
    amounts = _whole(taxes, point)
    priced = sum(line.amount.minor for line in lines)
    net = priced - sum(amount for part, amount in amounts.items() if part.inclusive)
    tax = sum(amounts.values())

    def money(minor: int) -> Money:
        return Money(minor=minor, currency=currency)

    parts = tuple(
        TaxStated(**part._asdict(), net=money(base), amount=money(amount))
        for part, amount in amounts.items()
        for base in [_rounded(sum(nets[part], Fraction()))]
    )
    return Taxed(net=money(net), tax=money(tax), gross=money(net + tax), parts=parts)


Exact = dict[TaxPart, list[Fraction]]


def _exact(lines: Iterable[TaxedLine]) -> tuple[Exact, Exact]:
    """Of each part its taxes and its net amounts, line by line, before anything is rounded."""
    taxes: Exact = {}
    nets: Exact = {}
    for line in lines:
        within = sum((_percent(rule.rate) for rule in line.rules if rule.inclusive), Fraction())
        net = line.amount.minor / (1 + within / 100)
        for rule in line.rules:
            part = TaxPart(**{name: getattr(rule, name) for name in TaxPart._fields})
            taxes.setdefault(part, []).append(net * _percent(rule.rate) / 100)
            nets.setdefault(part, []).append(net)
    return taxes, nets


def _whole(taxes: Mapping[TaxPart, Sequence[Fraction]], point: Rounding) -> dict[TaxPart, int]:
    if point is Rounding.LINE:
        return {part: sum(map(_rounded, exact)) for part, exact in taxes.items()}
    sums = {part: sum(exact, Fraction()) for part, exact in taxes.items()}
    if point is Rounding.TAX_RATE:
        return {part: _rounded(exact) for part, exact in sums.items()}
    within = _shared({part: exact for part, exact in sums.items() if part.inclusive})
    on_top = _shared({part: exact for part, exact in sums.items() if not part.inclusive})
    return {part: (within | on_top)[part] for part in sums}


def _shared(exact: Mapping[TaxPart, Fraction]) -> dict[TaxPart, int]:
    """Their rounded sum, divided among them so that nothing is left: largest remainders first."""
    total = sum(exact.values(), Fraction())
    if total < 0:  # a credit note mirrors its invoice
        mirrored = _shared({part: -amount for part, amount in exact.items()})
        return {part: -amount for part, amount in mirrored.items()}
    whole = {part: floor(amount) for part, amount in exact.items()}
    left = _rounded(total) - sum(whole.values())
    by_remainder = sorted(exact, key=lambda part: whole[part] - exact[part])
    return {part: whole[part] + (part in by_remainder[:left]) for part in exact}


def _rounded(amount: Fraction) -> int:
    """To the next whole number, halves away from zero."""
    nearest = floor(abs(amount) + Fraction(1, 2))
    return nearest if amount >= 0 else -nearest


def _percent(rate: str) -> Fraction:
    return Fraction(rate)


def _decimal(rate: Fraction) -> str:
    """Rates have four decimals at most, and so have their sums."""
    text = f"{rate.numerator * (10_000 // rate.denominator):05d}"
    return f"{text[:-4]}.{text[-4:]}".rstrip("0").rstrip(".")


def _rank(rule: TaxRuleState) -> tuple[tuple[bool, ...], UUID]:
    return rule.specificity, rule.id
