"""Prices follow one another without a gap that was not asked for, and never overlap."""

from datetime import UTC, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from florin_chassis.ids import new_id
from florin_contracts.money import Money
from florin_contracts.providers.catalogue import PlanState
from florin_contracts.providers.offers import (
    Availability,
    BillingPeriod,
    GroupDiscount,
    PeriodLength,
    PeriodUnit,
    PriceState,
)
from florin_providers.models import PricePeriodsOverlap, TooManyPrices, priced
from florin_providers.models.pricing import (
    PRICES_MAX,
    LastPrice,
    PriceHasBegun,
    followed_by,
    require_no_overlap,
    without,
)

START = datetime(2026, 1, 1, tzinfo=UTC)
days = st.integers(0, 400).map(lambda n: START + timedelta(days=n))


def price(
    minor: int, since: datetime = START, until: datetime | None = None, currency: str = "RUB"
) -> PriceState:
    return PriceState(
        id=new_id(),
        period=BillingPeriod.MONTH,
        price=Money(minor=minor, currency=currency),
        valid_from=since,
        valid_until=until,
    )


@given(st.lists(days, unique=True, min_size=1, max_size=20))
def test_at_any_moment_after_the_first_the_last_price_begun_is_the_one(
    begins: list[datetime],
) -> None:
    prices: tuple[PriceState, ...] = ()
    for minor, begin in enumerate(sorted(begins)):
        prices = followed_by(prices, price(minor, begin))
    require_no_overlap(prices)
    for minor, begin in enumerate(sorted(begins)):
        (covering,) = [p for p in prices if p.covers(begin)]
        assert covering.price.minor == minor
    assert not any(p.covers(min(begins) - timedelta(seconds=1)) for p in prices)


@given(days, days, days, days)
def test_two_prices_overlap_exactly_when_a_day_has_both(
    a: datetime, b: datetime, c: datetime, d: datetime
) -> None:
    if a >= b or c >= d:
        return
    one, other = price(1, a, b), price(2, c, d)
    days_of_both = max(a, c) < min(b, d)
    assert one.overlaps(other) == other.overlaps(one) == days_of_both


def test_a_price_before_one_that_is_announced_is_refused() -> None:
    prices = followed_by((price(1),), price(2, START + timedelta(days=9)))
    with pytest.raises(PricePeriodsOverlap):
        followed_by(prices, price(3, START + timedelta(days=5)))


def test_a_price_with_an_end_of_its_own_is_not_cut_short_by_another() -> None:
    until_the_tenth = price(1, START, START + timedelta(days=10))
    with pytest.raises(PricePeriodsOverlap):
        followed_by((until_the_tenth,), price(2, START + timedelta(days=5)))
    assert followed_by((until_the_tenth,), price(2, START + timedelta(days=10)))


@given(st.lists(days, unique=True, min_size=2, max_size=8), st.data())
def test_a_price_taken_back_before_it_begins_is_as_if_it_had_never_been_announced(
    begins: list[datetime], data: st.DataObject
) -> None:
    first, *others = sorted(begins)
    gone = data.draw(st.sampled_from(others))
    foreign = price(9, first, gone, currency="EUR")

    def announced(moments: list[datetime]) -> tuple[PriceState, ...]:
        prices: tuple[PriceState, ...] = (foreign,)
        for moment in moments:
            prices = followed_by(prices, price(moment.toordinal(), moment))
        return prices

    all_of_them = announced([first, *others])
    (withdrawn,) = [p for p in all_of_them if p.valid_from == gone]
    left = without(all_of_them, withdrawn.id, first)

    def times(prices: tuple[PriceState, ...]) -> list[tuple[datetime, datetime | None]]:
        return [(p.valid_from, p.valid_until) for p in prices]

    assert times(left) == times(announced([m for m in (first, *others) if m != gone]))


def test_a_price_that_has_begun_is_not_taken_back_not_even_at_its_first_moment() -> None:
    later = START + timedelta(days=9)
    prices = followed_by((price(1),), price(2, later))
    with pytest.raises(PriceHasBegun):
        without(prices, prices[1].id, later)
    assert without(prices, prices[1].id, later - timedelta(microseconds=1))


def test_the_only_price_of_a_plan_is_not_taken_back() -> None:
    to_come = price(1, START + timedelta(days=9))
    with pytest.raises(LastPrice):
        without((to_come,), to_come.id, START)


def test_other_currencies_and_periods_do_not_overlap() -> None:
    custom = PeriodLength(count=3, unit=PeriodUnit.MONTH)
    long = price(3).model_copy(update={"period": BillingPeriod.CUSTOM, "length": custom})
    require_no_overlap((price(1), price(2, currency="EUR"), long))


def test_ended_prices_are_left_out_and_the_first_in_force_is_the_plans() -> None:
    now = START + timedelta(days=10)
    prices = followed_by((price(1),), price(2, START + timedelta(days=5)))
    plan = PlanState(id=new_id(), name="P", period="month", price=prices[0].price)
    after = priced(plan, (price(9, currency="EUR"), *prices), "RUB", now)
    assert [p.price.minor for p in after.prices] == [9, 2]
    assert after.price == Money(minor=2, currency="RUB")


def test_a_plan_has_a_bounded_number_of_prices() -> None:
    plan = PlanState(id=new_id(), name="P", period="month", price=Money(minor=1, currency="RUB"))
    with pytest.raises(TooManyPrices):
        priced(plan, [price(n) for n in range(PRICES_MAX + 1)], "RUB", START)


@given(st.integers(0, 10**15), st.decimals("0", "100", places=2))
def test_a_percentage_is_rounded_half_up_and_never_makes_a_price_dearer_or_negative(
    minor: int, percent: Decimal
) -> None:
    cost = GroupDiscount(group_id=new_id(), percent=percent).of(price(minor)).minor
    off = (Decimal(minor) * percent / 100).quantize(Decimal(1), ROUND_HALF_UP)
    assert 0 <= cost <= minor
    assert cost == minor - off


@given(days, days)
def test_availability_is_exact_at_both_ends(a: datetime, b: datetime) -> None:
    if a >= b:
        return
    open_ = Availability(available_from=a, available_until=b, countries=("RU",))
    assert open_.admits(a, "RU", ())
    assert not open_.admits(a - timedelta(microseconds=1), "RU", ())
    assert not open_.admits(b, "RU", ())
    assert not open_.admits(a, "DE", ())


def test_a_plan_for_groups_is_for_nobody_outside_them() -> None:
    group = new_id()
    assert not Availability(group_ids=(group,)).admits(START, "RU", ())
    assert Availability(group_ids=(group,)).admits(START, "RU", (group, new_id()))
