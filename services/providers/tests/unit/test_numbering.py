"""No number is given twice: not in two periods, not by two templates."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from florin_contracts.numbering import DocumentType, NumberingPeriod, NumberingTemplate
from florin_providers.models.numbering import (
    NumbersWouldCollide,
    NumbersWouldRepeat,
    common_number,
    require_distinct_numbers,
)

NOTHING_BEFORE = ((), "")


def template(
    text: str, period: str = "none", kind: DocumentType = DocumentType.INVOICE
) -> NumberingTemplate:
    return NumberingTemplate(document_type=kind, period=NumberingPeriod(period), template=text)


parts = st.sampled_from(
    ["{number}", "{number:3}", "{year}", "{month}", "{prefix}", "-", "A", "1", "20"]
)
texts = st.lists(parts, min_size=1, max_size=5).map("".join)
days = st.dates(date(2026, 1, 1), date(2029, 12, 31))
numbers = st.integers(1, 20_000)


@given(texts, st.sampled_from(NumberingPeriod), st.lists(st.tuples(numbers, days), max_size=30))
def test_a_template_that_is_taken_never_gives_one_number_twice(
    text: str, period: NumberingPeriod, documents: list[tuple[int, date]]
) -> None:
    one = template(text, period)
    try:
        require_distinct_numbers((one,), "N", (), NOTHING_BEFORE)
    except (NumbersWouldRepeat, NumbersWouldCollide):
        return
    counted = {(one.series(day), number): one.render(number, day, "N") for number, day in documents}
    if period is not NumberingPeriod.NONE:
        assert len(set(counted.values())) == len(counted)
    else:  # one count without an end: each number is taken on one day
        once = {number: one.render(number, day, "N") for number, day in documents}
        assert len(set(once.values())) == len(once)


@given(texts, texts, st.lists(st.tuples(numbers, days), max_size=30))
def test_two_templates_that_are_kept_apart_never_give_the_same_number(
    first: str, second: str, documents: list[tuple[int, date]]
) -> None:
    one, other = template(first), template(second, kind=DocumentType.ACT)
    if common_number((one, "N"), (other, "M")) is None:
        given_by_one = {one.render(number, day, "N") for number, day in documents}
        given_by_other = {other.render(number, day, "M") for number, day in documents}
        assert not given_by_one & given_by_other


@given(texts, numbers, days)
def test_a_template_has_a_number_in_common_with_itself(text: str, number: int, day: date) -> None:
    one = template(text)
    assert common_number((one, "N"), (one, "N")) is not None
    fixed = template(one.render(number, day, "N"))
    assert common_number((one, "N"), (fixed, "")) is not None


@pytest.mark.parametrize(
    ("text", "period"),
    [
        ("{number}", "year"),
        ("{month}-{number}", "year"),
        ("{year}-{number}", "month"),
        ("{month}-{number}", "month"),
        ("{year}", "year"),
        ("{number}-{number}", "none"),
    ],
)
def test_a_template_that_would_repeat_numbers_is_refused(text: str, period: str) -> None:
    with pytest.raises(NumbersWouldRepeat):
        require_distinct_numbers((template(text, period),), "", (), NOTHING_BEFORE)


def test_two_types_of_document_with_one_number_are_refused_with_an_example() -> None:
    pair = (template("A{number:4}"), template("A{year}{number}", "year", DocumentType.ACT))
    with pytest.raises(NumbersWouldCollide) as refused:
        require_distinct_numbers(pair, "", (), NOTHING_BEFORE)
    assert refused.value.extra["example"].startswith("A2")
    with pytest.raises(NumbersWouldCollide):  # with what acts have by default
        require_distinct_numbers((template("ACT-{year}-{number}", "year"),), "", (), NOTHING_BEFORE)


def test_what_numbered_before_is_not_forgotten() -> None:
    monthly = template("{year}{month}-{number:4}", "month")
    past = require_distinct_numbers((monthly,), "", (), NOTHING_BEFORE)
    yearly = template("{year}-{number}", "year")
    past = require_distinct_numbers((yearly,), "", past, ((monthly,), ""))
    with pytest.raises(NumbersWouldCollide):
        require_distinct_numbers((template("{number:6}-{year}"),), "", past, ((yearly,), ""))
    with pytest.raises(NumbersWouldCollide):
        require_distinct_numbers((template("{year}-{number}"),), "", past, ((yearly,), ""))


def test_a_count_may_go_on_with_another_padding() -> None:
    before = (template("{year}-{number:4}", "year"),)
    after = (template("{year}-{number:6}", "year"),)
    assert require_distinct_numbers(after, "", (), (before, ""))


def test_another_prefix_ends_only_the_counts_that_show_it() -> None:
    shown = (template("{prefix}{year}-{number}", "year"),)
    past = require_distinct_numbers(shown, "B", (), (shown, "A"))
    assert (shown[0], "A") in past
    with pytest.raises(NumbersWouldCollide):
        require_distinct_numbers(shown, "ACT-", past, (shown, "B"))
