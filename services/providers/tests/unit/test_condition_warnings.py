"""Rules in vain and payers nobody serves are found, exactly."""

from hypothesis import given
from hypothesis import strategies as st

from florin_chassis.ids import new_id
from florin_contracts.countries import COUNTRIES
from florin_contracts.party import PayerType
from florin_contracts.providers import ServiceCondition
from florin_providers.models import choose_company, warnings_of

COMPANY = new_id()
countries = st.sampled_from(["RU", "DE", "KZ"])
rules = st.lists(
    st.builds(
        ServiceCondition,
        company_id=st.just(COMPANY),
        country=st.none() | countries,
        except_country=st.none() | countries,
        payer_type=st.none() | st.sampled_from(PayerType),
        suspended=st.booleans(),
    ),
    max_size=5,
).map(tuple)
EVERYBODY = [(country, kind) for country in ("RU", "DE", "KZ", "US") for kind in PayerType]
"""One country for all that no rule here names."""


@given(rules)
def test_a_rule_is_in_vain_exactly_if_it_chooses_for_nobody(
    conditions: tuple[ServiceCondition, ...],
) -> None:
    choosing = set()
    for country, kind in EVERYBODY:
        for tried in choose_company(conditions, country, kind).rules:
            if tried.reason is None:
                choosing.add(tried.rule)
    in_vain = {warning.rule for warning in warnings_of(conditions).in_vain}
    assert in_vain == set(range(1, len(conditions) + 1)) - choosing


@given(rules)
def test_a_payer_is_in_a_gap_exactly_if_no_company_serves_it(
    conditions: tuple[ServiceCondition, ...],
) -> None:
    gaps = {gap.payer_type: gap for gap in warnings_of(conditions).gaps}
    for country, kind in EVERYBODY:
        gap = gaps.get(kind)
        among = gap is not None and (
            country in gap.countries if gap.countries else country not in gap.except_countries
        )
        assert among == (choose_company(conditions, country, kind).company_id is None)


def test_a_covered_rule_names_those_that_cover_it() -> None:
    conditions = (
        ServiceCondition(company_id=COMPANY, country="RU", payer_type=PayerType.INDIVIDUAL),
        ServiceCondition(company_id=COMPANY, country="RU"),
        ServiceCondition(company_id=COMPANY, country="DE"),
        ServiceCondition(company_id=COMPANY, country="RU"),
        ServiceCondition(company_id=COMPANY, suspended=True),
    )
    covered, resting = warnings_of(conditions).in_vain
    assert (covered.rule, covered.covered_by, covered.suspended) == (4, (1, 2), False)
    assert (resting.rule, resting.covered_by, resting.suspended) == (5, (), True)


def test_without_rules_nobody_is_served() -> None:
    assert {(g.payer_type, g.countries, g.except_countries) for g in warnings_of(()).gaps} == {
        (kind, (), ()) for kind in PayerType
    }
    assert len(COUNTRIES) == 249
