"""What the lines of a file about one product make of it: pure, and the same for a dry run."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from pydantic import ValidationError

from florin_chassis.errors import Refusal
from florin_chassis.ids import new_id
from florin_contracts.providers.catalogue import PlanState
from florin_contracts.providers.offers import PriceState
from florin_providers.models.catalogue_row import CatalogueRow, faults_of
from florin_providers.models.pricing import followed_by, priced, require_no_overlap
from florin_providers.models.product import PLANS_MAX, Product

Numbered = tuple[int, CatalogueRow]


class Fault(NamedTuple):
    """What is wrong with a line; without a column it is the line as a whole."""

    line: int
    column: str | None
    reason: str


class Seller(NamedTuple):
    """For whom, in which currency, and as of when it is merged."""

    provider_id: UUID
    currency: str
    now: datetime


@dataclass(slots=True)
class Merged:
    """The columns of the product after the file, or what is wrong with its lines."""

    columns: dict[str, Any] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)


def read_rows(lines: Sequence[tuple[int, Mapping[str, Any]]]) -> tuple[list[Numbered], list[Fault]]:
    """The rows that the lines are, and the faults of those that are none."""
    rows, faults = [], []
    for number, cells in lines:
        try:
            rows.append((number, CatalogueRow.model_validate(cells)))
        except ValidationError as error:
            faults += [Fault(number, column, reason) for column, reason in faults_of(error)]
    return rows, faults


def merge(known: Product | None, rows: Sequence[Numbered], seller: Seller) -> Merged:
    """Plans that the file does not name stay as they are; those that it names become as it says."""
    first = rows[0][1]
    merged = Merged(first.product_columns())
    merged.faults += _unlike(rows, "product", CatalogueRow.product_columns)
    plans = {plan.code: plan for plan in known.plans} if known else {}
    by_plan: dict[str, list[Numbered]] = {}
    for numbered in rows:
        by_plan.setdefault(numbered[1].plan_code, []).append(numbered)
    for code, of_plan in by_plan.items():
        merged.faults += _unlike(of_plan, "plan", CatalogueRow.plan_columns)
        try:
            plans[code] = _merged_plan(plans.get(code), of_plan, seller)
        except Refusal as refusal:
            merged.faults.append(Fault(of_plan[-1][0], "price", refusal.detail))
        except _Faulty as faulty:
            merged.faults.append(faulty.fault)
    if len(plans) > PLANS_MAX:
        merged.faults.append(
            Fault(rows[-1][0], "plan_code", f"a product has at most {PLANS_MAX} plans")
        )
    merged.columns["plans"] = tuple(plans.values())
    return merged


class _Faulty(Exception):
    def __init__(self, *fault: Any) -> None:
        super().__init__()
        self.fault = Fault(*fault)


def _unlike(rows: Sequence[Numbered], what: str, columns: Any) -> list[Fault]:
    """Lines that say of the same product or plan something else than the first of them."""
    first_line, first = rows[0]
    said = columns(first)
    faults = []
    for line, row in rows[1:]:
        own = columns(row)
        if other := [name for name in said if own[name] != said[name]]:
            reason = f"{', '.join(other)} of the {what}: another than in line {first_line}"
            faults.append(Fault(line, None, reason))
    return faults


def _merged_plan(known: PlanState | None, rows: Sequence[Numbered], seller: Seller) -> PlanState:
    columns = rows[0][1].plan_columns()
    prices = _merged_prices(known.prices if known else (), rows, seller.now, is_new=known is None)
    require_no_overlap(prices)
    if known is None:
        first = prices[0]
        known = PlanState(id=new_id(), period=first.period, price=first.price, **columns)
    plan = priced(known.model_copy(update=columns), prices, seller.currency, seller.now)
    if plan.price.currency != seller.currency:
        raise _Faulty(
            rows[0][0], "currency", f"no line of this plan has a price in {seller.currency}"
        )
    return plan


def _merged_prices(
    known: Sequence[PriceState], rows: Sequence[Numbered], now: datetime, *, is_new: bool
) -> tuple[PriceState, ...]:
    prices = {_key(price): price for price in known}
    seen: dict[Any, int] = {}
    later = []
    for line, row in rows:
        price = _price_of(row, prices.values(), now)
        key = _key(price)
        if key in seen:
            raise _Faulty(line, "price", f"the same period, currency and time as line {seen[key]}")
        seen[key] = line
        if key not in prices:
            later.append((line, price))
        elif not _same(prices[key], price):
            _require_changeable(line, prices[key], price, now)
            prices[key] = price.model_copy(update={"id": prices[key].id})
    merged = tuple(prices.values())
    for line, price in sorted(later, key=lambda numbered: numbered[1].valid_from):
        if price.valid_from < now and not is_new:
            raise _Faulty(line, "valid_from", "a price of a plan that is sold begins now or later")
        merged = followed_by(merged, price)
    return merged


def _price_of(row: CatalogueRow, known: Any, now: datetime) -> PriceState:
    """Without a beginning it is the price in force if that says the same, or one from now on."""
    since = row.valid_from
    if since is None:
        same = (p for p in known if p.term == row.term and p.price.currency == row.currency)
        said = row.price_columns()
        in_force = next((p for p in same if p.covers(now)), None)
        unchanged = in_force and all(getattr(in_force, name) == said[name] for name in said)
        since = in_force.valid_from if in_force and unchanged else now
    return PriceState(id=new_id(), valid_from=since, **row.price_columns())


def _require_changeable(line: int, old: PriceState, new: PriceState, now: datetime) -> None:
    """A price that has begun may be given an end to come, and is otherwise as it was."""
    ended = old.valid_until is None and new.valid_until is not None and now <= new.valid_until
    closed = old.model_copy(update={"valid_until": new.valid_until})
    if old.valid_from <= now and not (ended and _same(closed, new)):
        raise _Faulty(line, "price", "a price that has begun never changes: say from when another")


def _key(price: PriceState) -> tuple[str, str, datetime]:
    return price.term, price.price.currency, price.valid_from


def _same(one: PriceState, other: PriceState) -> bool:
    return one.model_copy(update={"id": other.id}) == other
