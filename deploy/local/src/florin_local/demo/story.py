"""The story of Florin, from the installation to an outsider who hears all of it on Kafka."""

from collections.abc import Callable

from florin_local.demo import buying, selling, watching
from florin_local.demo.api import Gateway
from florin_local.demo.faults import Fault, Stops
from florin_local.demo.narrator import Narrator
from florin_local.demo.tale import Tale
from florin_local.stack import Stack

Step = Callable[[Tale], list[str]]

STEPS: tuple[Step, ...] = (
    selling.the_administrator_signs_in,
    selling.the_administrator_makes_two_providers,
    selling.the_administrator_sets_service_conditions,
    selling.the_administrator_staffs_technical_support,
    selling.the_employee_is_refused_outside_support,
    selling.the_administrator_makes_a_plan_for_each_provider,
    buying.a_client_registers_itself,
    buying.the_client_gets_a_personal_account,
    buying.the_client_makes_two_payers,
    buying.the_client_orders_hosting,
    buying.an_invoice_comes_from_the_russian_company,
    buying.the_payment_is_recorded,
    buying.the_service_is_activated,
    buying.the_client_becomes_active,
    watching.the_administrator_sees_expense_and_payment,
    buying.the_client_buys_a_domain_in_euros,
    buying.the_client_has_two_personal_accounts,
    buying.the_client_asks_support,
    watching.the_administrator_enters_as_the_client,
    watching.an_outside_consumer_tells_the_story,
)

# Each is stopped during a step whose effect it has to take up later, or that it answers itself.
STOPPED_DURING: dict[str, str] = {
    selling.the_administrator_makes_two_providers.__name__: "providers",
    selling.the_administrator_staffs_technical_support.__name__: "identity",
    buying.a_client_registers_itself.__name__: "clients",
    buying.the_client_orders_hosting.__name__: "payers",
    buying.the_payment_is_recorded.__name__: "clients",
    buying.the_client_buys_a_domain_in_euros.__name__: "providers",
    buying.the_client_asks_support.__name__: "gateway",
}


def tell(stack: Stack, gateway: Gateway, narrator: Narrator, fault: Fault | None = None) -> Tale:
    """Tell the story on a running stack; raises `DoesNotHold` at the first step that does not."""
    stops = Stops(stack, narrator, STOPPED_DURING if fault else {})
    tale = Tale(gateway, stack.administrator_file, stack.kafka_bootstrap)
    for step in STEPS:
        with narrator.step((step.__doc__ or "").strip()), stops.around(step.__name__):
            narrator.came_back(step(tale))
    narrator.ending(places(stack, tale))
    return tale


def places(stack: Stack, tale: Tale) -> list[tuple[str, str]]:
    """Where a person finds the running system, and how to sign in to it."""
    return [
        ("gateway", stack.gateway_url),
        ("API docs", f"{stack.gateway_url}/docs"),
        ("Kafka", stack.kafka_bootstrap),
        ("administrator", f"{tale.administrator.email}, password in {stack.administrator_file}"),
        ("client", f"{tale.client.email}, password {tale.client.password}"),
    ]
