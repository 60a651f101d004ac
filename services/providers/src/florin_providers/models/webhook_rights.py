"""Who may be told what: whoever sets a webhook up could read by itself what the webhook is told."""

from collections.abc import Collection
from typing import Final

from florin_chassis.actor import Actor
from florin_contracts.events import event_types, published_events
from florin_contracts.permissions import Permission
from florin_providers.models.rights import require_held

READERS: Final[dict[str, Permission]] = {
    "clients-client": Permission.CLIENTS_READ,
    "clients-order": Permission.ORDERS_READ,
    "clients-request": Permission.SUPPORT_READ,
    "clients-service": Permission.SERVICES_READ,
    "clients-user": Permission.CLIENTS_READ,
    "identity-access": Permission.USERS_READ,
    "identity-api-key": Permission.KEYS_READ,
    "identity-application": Permission.APPLICATIONS_READ,
    "identity-impersonation": Permission.CLIENTS_READ,
    "identity-service-account": Permission.KEYS_READ,
    "identity-session": Permission.USERS_READ,
    "identity-user": Permission.USERS_READ,
    "payers-account": Permission.ACCOUNTS_READ,
    "payers-expense": Permission.ACCOUNTS_READ,
    "payers-invoice": Permission.INVOICES_READ,
    "payers-payer": Permission.PAYERS_READ,
    "payers-payment": Permission.PAYMENTS_READ,
    "providers-company": Permission.COMPANIES_READ,
    "providers-department": Permission.STAFF_READ,
    "providers-employee": Permission.STAFF_READ,
    "providers-product": Permission.CATALOGUE_READ,
    "providers-product-type": Permission.CATALOGUE_READ,
    "providers-provider": Permission.PROVIDERS_READ,
    "providers-tax-rule": Permission.TAXES_READ,
    "providers-webhook": Permission.WEBHOOKS_READ,
}
"""The permission that reads what the events of a topic carry."""


def unknown_types(types: Collection[str]) -> list[str]:
    """Those that are no type of a published event."""
    return sorted(set(types) - published_events().keys())


def require_readable(actor: Actor, types: Collection[str] | None) -> None:
    """Raise `GrantsMoreThanHeld` unless the actor may read what these events carry; `None`: all."""
    topics = READERS if types is None else {event_types()[type].topic for type in types}
    require_held(actor, {READERS[topic] for topic in topics})
