"""What is odd about a provider's service conditions: rules in vain, and payers nobody serves."""

from collections.abc import Sequence
from typing import TypeAlias

from florin_contracts.countries import COUNTRIES
from florin_contracts.party import Country, PayerType
from florin_contracts.providers import ServiceCondition
from florin_contracts.values import Value

Payers: TypeAlias = frozenset[tuple[Country, PayerType]]
"""Countries by types: all the payers that a rule can tell apart."""

_ALL: Payers = frozenset((country, kind) for country in COUNTRIES for kind in PayerType)


class RuleInVain(Value):
    """A rule that can never choose; `covered_by` are the earlier ones that take all its payers.

    None of them: its company's link is suspended.
    """

    rule: int
    suspended: bool
    covered_by: tuple[int, ...]


class Gap(Value):
    """Payers of a type that nobody serves: of these countries, or of all but these."""

    payer_type: PayerType
    countries: tuple[Country, ...]
    except_countries: tuple[Country, ...]


class ConditionWarnings(Value):
    """What the rules' owner should look at; the rules hold all the same."""

    in_vain: tuple[RuleInVain, ...]
    gaps: tuple[Gap, ...]


def warnings_of(conditions: Sequence[ServiceCondition]) -> ConditionWarnings:
    """Go through the rules in their order, and see what each is left with."""
    taken: dict[int, Payers] = {}
    in_vain = []
    for rule, condition in enumerate(conditions, start=1):
        matching = _matched_by(condition)
        left = matching.difference(*taken.values())
        if not left:
            covering = tuple(earlier for earlier, payers in taken.items() if payers & matching)
            suspended = condition.suspended
            in_vain.append(RuleInVain(rule=rule, suspended=suspended, covered_by=covering))
        taken[rule] = left
    return ConditionWarnings(
        in_vain=tuple(in_vain), gaps=tuple(_gaps(_ALL.difference(*taken.values())))
    )


def _matched_by(condition: ServiceCondition) -> Payers:
    return frozenset(payer for payer in _ALL if condition.mismatch(*payer) is None)


def _gaps(unserved: Payers) -> list[Gap]:
    gaps = []
    for kind in PayerType:
        without = frozenset(country for country, payer_type in unserved if payer_type is kind)
        few = len(without) <= len(COUNTRIES) // 2
        if without:
            gaps.append(
                Gap(
                    payer_type=kind,
                    countries=tuple(sorted(without)) if few else (),
                    except_countries=() if few else tuple(sorted(COUNTRIES - without)),
                )
            )
    return gaps
