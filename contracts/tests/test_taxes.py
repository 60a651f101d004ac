"""What taxes come to adds up to the last minor unit, and the same rules always choose the same."""

from datetime import date, timedelta
from fractions import Fraction
from random import Random
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from florin_contracts.money import Money
from florin_contracts.providers import Rounding, TaxKind, TaxQuestion, TaxRuleState
from florin_contracts.providers.tax import Rate
from florin_contracts.taxes import TaxedLine, choose_taxes, work_out

DAY = date(2026, 6, 1)
maybe_country = st.sampled_from([None, "CA", "DE"])
rates = st.integers(0, 1_000_000).map(lambda n: f"{n // 10_000}.{n % 10_000:04}")


@st.composite
def rules(draw: st.DrawFn, number: int = 0) -> TaxRuleState:
    """Any rule; those that match `ASKED` are not rare."""
    country = draw(maybe_country)
    return TaxRuleState(
        id=UUID(int=draw(st.integers(1, 2**64)) * 100 + number),
        company_id=UUID(int=1),
        tax=draw(st.sampled_from(["GST", "QST", "qst", "НДС", "Ндс"])),
        kind=TaxKind.TAXED,
        rate=draw(rates),
        inclusive=draw(st.booleans()),
        country=country,
        region=draw(st.sampled_from([None, "CA-QC"])) if country == "CA" else None,
        payer_type=draw(st.sampled_from([None, "individual"])),
        tax_category=draw(st.sampled_from([None, "hosting"])),
        reason_code=None,
        reason=None,
        valid_from=DAY - timedelta(days=draw(st.integers(-1, 1))),
        valid_until=draw(st.sampled_from([None, DAY, DAY + timedelta(days=2)])),
    )


rulebooks = st.lists(rules(), max_size=8, unique_by=lambda rule: rule.id)
minors = st.integers(-(10**12), 10**12)
lines = st.lists(
    st.builds(
        TaxedLine,
        amount=minors.map(lambda minor: Money(minor=minor, currency="EUR")),
        rules=st.lists(rules(), max_size=3, unique_by=lambda rule: rule.id).map(tuple),
    ),
    min_size=1,
    max_size=5,
)
points = st.sampled_from(Rounding)
ASKED = TaxQuestion(
    country="CA", region="CA-QC", payer_type="individual", tax_category="hosting", on=DAY
)


@given(lines, points)
def test_parts_are_the_tax_and_net_and_tax_are_gross(
    priced: list[TaxedLine], point: Rounding
) -> None:
    found = work_out(priced, point)
    assert sum(part.amount.minor for part in found.parts) == found.tax.minor
    assert found.net.minor + found.tax.minor == found.gross.minor


@given(lines, points)
def test_what_prices_have_in_them_changes_no_price_and_what_is_on_top_no_net_amount(
    priced: list[TaxedLine], point: Rounding
) -> None:
    found = work_out(priced, point)
    on_top = sum(part.amount.minor for part in found.parts if not part.inclusive)
    assert found.gross.minor - on_top == sum(line.amount.minor for line in priced)


@given(lines, points)
def test_no_part_is_off_by_more_than_its_rounding(priced: list[TaxedLine], point: Rounding) -> None:
    for part in work_out(priced, point).parts:
        exact, times = Fraction(), 0
        for line in priced:
            within = sum((Fraction(r.rate) for r in line.rules if r.inclusive), Fraction())
            for rule in line.rules:
                if (rule.tax, rule.rate, rule.inclusive) == (part.tax, part.rate, part.inclusive):
                    net = Fraction(line.amount.minor) / (1 + within / 100)
                    exact += net * Fraction(rule.rate) / 100
                    times += 1
        allowed = {Rounding.LINE: Fraction(times, 2), Rounding.TAX_RATE: Fraction(1, 2)}
        assert abs(part.amount.minor - exact) <= allowed.get(point, Fraction(1))


@given(lines, points)
def test_a_credit_note_mirrors_its_invoice(priced: list[TaxedLine], point: Rounding) -> None:
    def mirrored(line: TaxedLine) -> TaxedLine:
        amount = Money(minor=-line.amount.minor, currency="EUR")
        return TaxedLine(amount=amount, rules=line.rules)

    there, back = work_out(priced, point), work_out([mirrored(line) for line in priced], point)
    assert (back.tax.minor, back.net.minor) == (-there.tax.minor, -there.net.minor)


@given(rulebooks, st.randoms(use_true_random=False))
def test_of_each_tax_one_rule_applies_whatever_the_order_of_the_rules(
    book: list[TaxRuleState], random: Random
) -> None:
    chosen = choose_taxes(book, ASKED)
    shuffled = [*book]
    random.shuffle(shuffled)
    assert choose_taxes(shuffled, ASKED) == chosen
    matching = [rule for rule in book if rule.mismatch(ASKED) is None]
    taxes = [rule.tax.casefold() for rule in chosen.applying]
    assert sorted(taxes) == sorted({rule.tax.casefold() for rule in matching})
    for rule in matching:
        (best,) = (one for one in chosen.applying if one.tax.casefold() == rule.tax.casefold())
        assert best.specificity >= rule.specificity


@given(rulebooks)
def test_every_rule_applies_or_says_why_not(book: list[TaxRuleState]) -> None:
    chosen = choose_taxes(book, ASKED)
    assert [weighed.rule_id for weighed in chosen.rules] == sorted(rule.id for rule in book)
    assert {w.rule_id for w in chosen.rules if w.applies} == {r.id for r in chosen.applying}
    assert all(weighed.applies == (weighed.reason is None) for weighed in chosen.rules)
    assert Fraction(chosen.rate) == sum(Fraction(rule.rate) for rule in chosen.applying)


def rule(**changes: object) -> TaxRuleState:
    whole = {
        "id": UUID(int=1), "company_id": UUID(int=1), "tax": "VAT", "kind": "taxed", "rate": "20",
        "inclusive": False, "country": None, "region": None, "payer_type": None,
        "tax_category": None, "reason_code": None, "reason": None, "valid_from": DAY,
        "valid_until": None,
    }  # fmt: skip
    return TaxRuleState.model_validate(whole | changes)


@pytest.mark.parametrize(
    ("greater", "lesser"),
    [
        ({"country": "CA", "region": "CA-QC"}, {"country": "CA", "payer_type": "individual"}),
        ({"country": "CA"}, {"payer_type": "individual", "tax_category": "hosting"}),
        ({"payer_type": "individual"}, {"tax_category": "hosting"}),
        ({"tax_category": "hosting"}, {}),
    ],
)
def test_who_pays_counts_before_what_is_sold(
    greater: dict[str, str], lesser: dict[str, str]
) -> None:
    first, second = rule(**greater), rule(id=UUID(int=2), **lesser)
    (applying,) = choose_taxes([first, second], ASKED).applying
    assert applying == first


def test_a_rule_applies_from_its_first_day_until_its_end() -> None:
    dated = rule(valid_until=DAY + timedelta(days=2))
    applies = [
        bool(choose_taxes([dated], ASKED.model_copy(update={"on": DAY + timedelta(n)})).applying)
        for n in (-1, 0, 1, 2)
    ]
    assert applies == [False, True, True, False]


@pytest.mark.parametrize(
    ("point", "tax"),
    [(Rounding.LINE, 3), (Rounding.TAX_RATE, 2), (Rounding.DOCUMENT, 2)],
)
def test_the_point_of_rounding_says_where_cents_appear(point: Rounding, tax: int) -> None:
    priced = [TaxedLine(amount=Money(minor=3, currency="EUR"), rules=(rule(),))] * 3
    assert work_out(priced, point).tax.minor == tax


@pytest.mark.parametrize(("given_", "kept"), [("20.00", "20"), ("100", "100"), ("0.0", "0")])
def test_a_rate_has_one_spelling(given_: str, kept: Rate) -> None:
    assert rule(rate=given_).rate == kept
