"""What an order may be placed on."""

from dataclasses import replace

import pytest
from services.clients.tests.world import a_payer, a_product, a_provider

from florin_chassis.errors import Refusal
from florin_chassis.ids import new_id
from florin_clients.models import NoCompanyServesPayer, Offer, UnknownPayer, UnknownPlan

CLIENT_ID = new_id()
PROVIDER = a_provider()
PRODUCT = a_product(PROVIDER)
OFFER = Offer(
    product=PRODUCT,
    provider=PROVIDER,
    payer=a_payer(CLIENT_ID),
    plan_id=PRODUCT.plans[0].id,
)


def test_the_terms_are_the_plan_its_provider_and_the_payer() -> None:
    terms = OFFER.terms_for(CLIENT_ID)
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
        offer.terms_for(CLIENT_ID)
