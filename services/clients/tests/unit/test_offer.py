"""What an order may be placed on."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from services.clients.tests.world import a_company, a_payer, a_product, a_provider

from florin_chassis.errors import Refusal
from florin_chassis.ids import new_id
from florin_clients.models import (
    NoCompanyServesPayer,
    NotOnOffer,
    Offer,
    UnknownPayer,
    UnknownPlan,
)
from florin_contracts.money import Money
from florin_contracts.payers import ServingCompany
from florin_contracts.providers.offers import Availability, BillingPeriod, OfferStatus, PriceState

CLIENT_ID = new_id()
NOW = datetime(2026, 3, 1, tzinfo=UTC)
PROVIDER = a_provider()
PRODUCT = a_product(PROVIDER)
OFFER = Offer(
    product=PRODUCT,
    provider=PROVIDER,
    payer=a_payer(CLIENT_ID),
    plan_id=PRODUCT.plans[0].id,
)


def test_the_terms_are_the_plan_its_provider_and_the_payer() -> None:
    terms = OFFER.terms_for(CLIENT_ID, "RU", NOW)
    assert OFFER.payer is not None
    assert (terms.plan, terms.product_id) == (PRODUCT.plans[0], PRODUCT.id)
    assert (terms.provider_id, terms.payer_id) == (PROVIDER.id, OFFER.payer.id)


@pytest.mark.parametrize(
    ("offer", "refusal"),
    [
        (replace(OFFER, product=None), UnknownPlan),
        (replace(OFFER, provider=None), UnknownPlan),
        (replace(OFFER, plan_id=new_id()), UnknownPlan),
        (replace(OFFER, payer=None), UnknownPayer),
        (replace(OFFER, payer=a_payer(new_id())), UnknownPayer),
        (replace(OFFER, payer=a_payer(CLIENT_ID, country="DE")), NoCompanyServesPayer),
    ],
    ids=["no product", "no provider", "other plan", "no payer", "foreign payer", "no company"],
)
def test_what_is_unknown_or_unserved_is_refused(offer: Offer, refusal: type[Refusal]) -> None:
    with pytest.raises(refusal):
        offer.terms_for(CLIENT_ID, "RU", NOW)


def test_a_payer_keeps_its_company_though_todays_rules_serve_it_nowhere() -> None:
    kept = ServingCompany(provider_id=PROVIDER.id, company_id=new_id(), evaluation=0)
    abroad = a_payer(CLIENT_ID, country="DE").model_copy(update={"companies": (kept,)})
    company = a_company(PROVIDER, kept.company_id)
    offer = replace(OFFER, payer=abroad, company=company)
    assert offer.terms_for(CLIENT_ID, "RU", NOW).payer_id == abroad.id
    unheard_of = replace(offer, company=None)
    assert unheard_of.terms_for(CLIENT_ID, "RU", NOW).payer_id == abroad.id
    resting = company.model_copy(update={"provider_ids": ()})
    chosen_anew = PROVIDER.model_copy(update={"evaluation": 1})
    for otherwise in (replace(offer, company=resting), replace(offer, provider=chosen_anew)):
        with pytest.raises(NoCompanyServesPayer):
            otherwise.terms_for(CLIENT_ID, "RU", NOW)


def test_a_plan_of_before_there_were_prices_is_sold_in_the_providers_currency_only() -> None:
    assert not PRODUCT.plans[0].prices
    gone_over = PROVIDER.model_copy(update={"currency": "EUR"})
    with pytest.raises(NotOnOffer):
        replace(OFFER, provider=gone_over).terms_for(CLIENT_ID, "RU", NOW)


def test_a_provider_that_has_ceased_to_sell_takes_no_order() -> None:
    archived = PROVIDER.model_copy(update={"archived": True})
    with pytest.raises(NotOnOffer):
        replace(OFFER, provider=archived).terms_for(CLIENT_ID, "RU", NOW)


def priced(minor: int, since: datetime, currency: str = "RUB", **more: Any) -> PriceState:
    price = Money(minor=minor, currency=currency)
    period = more.pop("period", BillingPeriod.MONTH)
    return PriceState(id=new_id(), period=period, price=price, valid_from=since, **more)


def offering(*prices: PriceState, term: str | None = None, **plan: Any) -> Offer:
    """The offer with its plan so."""
    changed = PRODUCT.plans[0].model_copy(update={"prices": prices, **plan})
    return replace(OFFER, product=PRODUCT.model_copy(update={"plans": (changed,)}), term=term)


def test_an_order_is_at_the_price_of_its_moment_its_period_and_the_providers_currency() -> None:
    change = NOW + timedelta(days=30)
    prices = (
        priced(1, NOW, valid_until=change),
        priced(2, change),
        priced(3, NOW, period=BillingPeriod.YEAR),
        priced(4, NOW, "EUR"),
    )

    def paid(at: datetime, term: str | None = None) -> int:
        return offering(*prices, term=term).terms_for(CLIENT_ID, "RU", at).price.price.minor

    assert [paid(NOW), paid(change), paid(NOW, "year")] == [1, 2, 3]


@pytest.mark.parametrize(
    "offer",
    [
        offering(status=OfferStatus.ARCHIVED),
        replace(OFFER, product=PRODUCT.model_copy(update={"status": OfferStatus.ARCHIVED})),
        offering(priced(1, NOW + timedelta(days=1))),
        offering(priced(1, NOW, "EUR")),
        offering(priced(1, NOW), term="year"),
        offering(term="year"),
        offering(availability=Availability(countries=("DE",))),
        offering(availability=Availability(group_ids=(new_id(),))),
        offering(availability=Availability(available_until=NOW)),
        offering(priced(1, NOW, period="fortnight")),
    ],
    ids=[
        "archived plan",
        "archived product",
        "not yet",
        "other currency",
        "no such period",
        "nor of an old plan",
        "other country",
        "other group",
        "ended",
        "a period of a later release",
    ],
)
def test_what_is_not_on_offer_is_not_ordered(offer: Offer) -> None:
    with pytest.raises(NotOnOffer):
        offer.terms_for(CLIENT_ID, "RU", NOW)
