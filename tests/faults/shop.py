"""What the load needs before it can begin: somebody who sells, and the administrator's hands."""

from dataclasses import dataclass

from florin_local.demo import selling
from florin_local.demo.api import Gateway, Json
from florin_local.demo.checks import DoesNotHold
from florin_local.demo.tale import Tale
from florin_local.stack import Stack


@dataclass(frozen=True)
class Shop:
    """An administrator's credentials, and a product of each provider."""

    email: str
    password: str
    products: tuple[Json, ...]


def open_shop(stack: Stack) -> Shop:
    """Providers, companies, conditions and plans, made by the steps of the story."""
    with Gateway(stack.gateway_url) as gateway:
        tale = Tale(gateway, stack.administrator_file, stack.kafka_bootstrap)
        for step in (
            selling.the_administrator_signs_in,
            selling.the_administrator_makes_two_providers,
            selling.the_administrator_sets_service_conditions,
            selling.the_administrator_makes_a_plan_for_each_provider,
        ):
            step(tale)
        if not tale.installed_now:
            raise DoesNotHold("a system for faults", expected="a new one", came="one with a past")
        products = tuple(tale.products.values())
        return Shop(tale.administrator.email, tale.administrator.password, products)
