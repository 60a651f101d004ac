"""The composed views: which parts make each, who owns them, and which it cannot do without."""

from dataclasses import dataclass
from typing import Final

from florin_contracts.permissions import Permission


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a view: what its owner answers at `path`, the view's parameters put in."""

    name: str
    owner: str
    path: str
    required: bool = False


@dataclass(frozen=True, slots=True)
class View:
    """A composed answer. Parameters of its path are ids; the first part is the required one.

    `permission` is what the required part asks for; its owner checks it, as it does every part's.
    """

    path: str
    summary: str
    permission: Permission
    parts: tuple[Part, ...]


_PAGE: Final = "limit=200"

VIEWS: Final = (
    View(
        "/clients/{client_id}/overview",
        "A client with everything an employee looks at first",
        Permission.CLIENTS_READ,
        (
            Part("client", "clients", "/clients/{client_id}", required=True),
            Part("users", "clients", f"/clients/{{client_id}}/users?{_PAGE}"),
            Part("services", "clients", f"/services?client_id={{client_id}}&{_PAGE}"),
            Part("orders", "clients", f"/orders?client_id={{client_id}}&{_PAGE}"),
            Part("payers", "payers", f"/payers?client_id={{client_id}}&{_PAGE}"),
            Part("accounts", "payers", f"/accounts?client_id={{client_id}}&{_PAGE}"),
            Part("invoices", "payers", f"/invoices?client_id={{client_id}}&{_PAGE}"),
            Part("payments", "payers", f"/payments?client_id={{client_id}}&{_PAGE}"),
            Part("expenses", "payers", f"/expenses?client_id={{client_id}}&{_PAGE}"),
        ),
    ),
)
