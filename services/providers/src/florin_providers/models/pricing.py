"""How the prices of a plan follow one another: pure."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from itertools import combinations
from uuid import UUID

from florin_chassis.errors import NotFound, Refusal
from florin_contracts.providers.catalogue import PlanState
from florin_contracts.providers.offers import PriceState

PRICES_MAX = 50
"""A product is stated whole with every change, so the prices of a plan are limited."""


class PricePeriodsOverlap(Refusal):
    """Of one plan, period and currency there is one price at a time."""

    code = "price_periods_overlap"


class PriceFromThePast(Refusal):
    """A price begins now or later: what was sold stays sold at what it cost."""

    code = "price_from_the_past"


class PriceHasBegun(Refusal):
    """A price is taken back only before it begins: from then on another one follows it."""

    code = "price_has_begun"


class LastPrice(Refusal):
    """A plan has a price, now or to come: archive it instead."""

    code = "last_price"


class TooManyPrices(Refusal):
    """A plan has as many prices, now and to come, as one may have."""

    code = "too_many_prices"


def require_no_overlap(prices: Sequence[PriceState]) -> None:
    """Raise `PricePeriodsOverlap`, naming two prices of one thing at one moment."""
    for one, other in combinations(prices, 2):
        if one.overlaps(other):
            raise _overlap(one, other)


def followed_by(prices: Iterable[PriceState], new: PriceState) -> tuple[PriceState, ...]:
    """These prices and a new one, which ends the one that it takes over from.

    Raises `PricePeriodsOverlap` when the one before it has an end of its own past its beginning,
    or a later one is announced already.
    """
    kept = []
    for price in prices:
        taken_over = price.valid_until is None and price.valid_from < new.valid_from
        if price.overlaps(new) and taken_over:
            kept.append(price.model_copy(update={"valid_until": new.valid_from}))
        elif price.overlaps(new):
            raise _overlap(price, new)
        else:
            kept.append(price)
    return (*kept, new)


def without(prices: Iterable[PriceState], price_id: UUID, now: datetime) -> tuple[PriceState, ...]:
    """These prices but for one, which has yet to begin; the one before it goes on in its place.

    Until the next one begins, as if it had never been announced. Raises `NotFound`,
    `PriceHasBegun` and `LastPrice`.
    """
    by_id = {price.id: price for price in prices}
    gone = by_id.pop(price_id, None)
    if gone is None:
        raise NotFound(f"there is no price {price_id} in force or to come")
    if gone.valid_from <= now:
        raise PriceHasBegun(f"it has begun at {gone.valid_from.isoformat()}", now=now)
    if not by_id:
        raise LastPrice.broken()
    same = [price for price in by_id.values() if _sold(price) == _sold(gone)]
    later = min((p.valid_from for p in same if gone.valid_from < p.valid_from), default=None)
    for price in same:
        if price.valid_until == gone.valid_from:
            by_id[price.id] = price.model_copy(update={"valid_until": later})
    return tuple(by_id.values())


def priced(
    plan: PlanState, prices: Iterable[PriceState], currency: str, now: datetime
) -> PlanState:
    """The plan with these prices but for those that have ended; `price` is of the first in force.

    Where none is in force in the provider's currency it is of the first that comes, or of the
    first there is. Raises `TooManyPrices`.
    """
    stated = tuple(p for p in prices if p.valid_until is None or now < p.valid_until)
    if len(stated) > PRICES_MAX:
        raise TooManyPrices(f"a plan has at most {PRICES_MAX} prices, now and to come")
    own = [price for price in stated if price.price.currency == currency]
    first = next((p for p in own if p.covers(now)), next(iter((*own, *stated)), None))
    main = {"period": first.period, "price": first.price} if first else {}
    return plan.model_copy(update={"prices": stated, **main})


def _sold(price: PriceState) -> tuple[str, str]:
    return price.term, price.price.currency


def _overlap(one: PriceState, other: PriceState) -> PricePeriodsOverlap:
    until = one.valid_until.isoformat() if one.valid_until else "further notice"
    return PricePeriodsOverlap(
        f"the price from {other.valid_from.isoformat()} overlaps the one of"
        f" {one.price.amount} {one.price.currency} for {one.term}"
        f" from {one.valid_from.isoformat()} until {until}",
        price_id=one.id,
        term=one.term,
        currency=one.price.currency,
    )
