"""Which company serves a payer: the first rule that matches, and the dry run always agrees."""

from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from florin_chassis.ids import new_id
from florin_contracts.party import PayerType
from florin_contracts.providers import ProviderState, ServiceCondition
from florin_providers.models import choose_company

RU_COMPANY, EU_COMPANY = new_id(), new_id()
countries = st.sampled_from(["RU", "DE", "KZ"])
payer_types = st.sampled_from(PayerType)
conditions = st.lists(
    st.builds(
        ServiceCondition,
        company_id=st.uuids(version=4),
        country=st.none() | countries,
        except_country=st.none() | countries,
        payer_type=st.none() | payer_types,
        suspended=st.booleans(),
    ),
    max_size=8,
).map(tuple)


def matches(rule: ServiceCondition, country: str, payer_type: PayerType) -> bool:
    """The rule's meaning, said once more in other words."""
    return (
        not rule.suspended
        and rule.country in {None, country}
        and rule.except_country != country
        and rule.payer_type in {None, payer_type}
    )


def serving(rules: tuple[ServiceCondition, ...], country: str, kind: PayerType) -> UUID | None:
    state = ProviderState(
        id=new_id(),
        name="N-1",
        slug="n-1",
        currency="RUB",
        time_zone="Europe/Moscow",
        registration_open=True,
        conditions=rules,
    )
    return state.company_for(country, kind)


@given(conditions, countries, payer_types)
def test_the_first_matching_rule_wins(
    rules: tuple[ServiceCondition, ...], country: str, payer_type: PayerType
) -> None:
    matching = [r.company_id for r in rules if matches(r, country, payer_type)]
    chosen = choose_company(rules, country, payer_type).company_id
    assert chosen == (matching[0] if matching else None)


@given(conditions, countries, payer_types)
def test_the_dry_run_agrees_with_what_invoices_are_issued_by(
    rules: tuple[ServiceCondition, ...], country: str, payer_type: PayerType
) -> None:
    chosen = choose_company(rules, country, payer_type).company_id
    assert chosen == serving(rules, country, payer_type)


@given(conditions, countries, payer_types)
def test_every_rule_is_explained_and_only_the_one_that_chose_has_no_reason_against_it(
    rules: tuple[ServiceCondition, ...], country: str, payer_type: PayerType
) -> None:
    choice = choose_company(rules, country, payer_type)
    assert [tried.rule for tried in choice.rules] == list(range(1, len(rules) + 1))
    assert [tried.matched for tried in choice.rules] == [
        matches(rule, country, payer_type) for rule in rules
    ]
    chosen = [tried.company_id for tried in choice.rules if tried.reason is None]
    assert chosen == ([] if choice.company_id is None else [choice.company_id])


def test_the_explanation_says_in_words_why_a_rule_was_passed_over() -> None:
    rules = (
        ServiceCondition(company_id=RU_COMPANY, country="RU"),
        ServiceCondition(company_id=EU_COMPANY, except_country="RU"),
        ServiceCondition(company_id=RU_COMPANY),
    )
    choice = choose_company(rules, "DE", PayerType.INDIVIDUAL)
    assert choice.company_id == EU_COMPANY
    assert [tried.reason for tried in choice.rules] == [
        "country is DE, not RU",
        None,
        "rule 2 matched before it",
    ]
