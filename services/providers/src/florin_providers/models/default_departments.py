"""The departments that an installation begins with."""

from typing import Final
from uuid import UUID

from florin_contracts.permissions import Permission, Section
from florin_providers.models.department import Department

_DEFAULTS: Final = {
    UUID("019aa000-0000-7000-8000-000000000001"): (
        "Sales",
        (Section.CLIENTS,),
        (Permission.CATALOGUE_READ, Permission.ACCOUNTS_READ, Permission.INVOICES_READ),
    ),
    UUID("019aa000-0000-7000-8000-000000000002"): (
        "Technical support",
        (Section.SUPPORT,),
        (Permission.CLIENTS_READ, Permission.SERVICES_READ),
    ),
}
"""Their ids are the same everywhere: one that was removed is known, and not made again."""


def default_departments() -> list[Department]:
    """As they are before anybody changes them."""
    return [
        Department.new(
            name, id=id_, sections=sections, permissions=permissions, shown_in_support=True
        )
        for id_, (name, sections, permissions) in _DEFAULTS.items()
    ]
