"""The catalogue of permissions, the sections that group them, and what a client's roles may do."""

from collections.abc import Iterable
from enum import StrEnum
from typing import Final


class Permission(StrEnum):
    """What a user may do. Each is `<section>:<act>`; the tenant filter decides on whose objects.

    `members` are a client's own users; `users` are all logins; `keys` are service accounts and API
    keys of others. The order is a promise: tokens name a permission by its place. Add at the end.
    """

    PROVIDERS_READ = "providers:read"
    PROVIDERS_WRITE = "providers:write"
    COMPANIES_READ = "companies:read"
    COMPANIES_WRITE = "companies:write"
    STAFF_READ = "staff:read"
    STAFF_WRITE = "staff:write"
    CATALOGUE_READ = "catalogue:read"
    CATALOGUE_WRITE = "catalogue:write"
    CLIENTS_READ = "clients:read"
    CLIENTS_IMPERSONATE = "clients:impersonate"
    ORDERS_READ = "orders:read"
    ORDERS_PLACE = "orders:place"
    SERVICES_READ = "services:read"
    SUPPORT_READ = "support:read"
    SUPPORT_REQUEST = "support:request"
    SUPPORT_HANDLE = "support:handle"
    PAYERS_READ = "payers:read"
    PAYERS_WRITE = "payers:write"
    ACCOUNTS_READ = "accounts:read"
    INVOICES_READ = "invoices:read"
    PAYMENTS_READ = "payments:read"
    PAYMENTS_RECORD = "payments:record"
    USERS_READ = "users:read"
    USERS_INVITE = "users:invite"
    WEBHOOKS_READ = "webhooks:read"
    WEBHOOKS_WRITE = "webhooks:write"
    MEMBERS_READ = "members:read"
    MEMBERS_WRITE = "members:write"
    USERS_WRITE = "users:write"
    SESSIONS_READ = "sessions:read"
    SESSIONS_END = "sessions:end"
    KEYS_READ = "keys:read"
    KEYS_WRITE = "keys:write"
    APPLICATIONS_READ = "applications:read"
    APPLICATIONS_WRITE = "applications:write"
    SECURITY_READ = "security:read"
    HISTORY_READ = "history:read"
    TAXES_READ = "taxes:read"
    TAXES_WRITE = "taxes:write"


class Section(StrEnum):
    """A part of the control panel that a department is given as a whole."""

    PROVIDERS = "providers"
    STAFF = "staff"
    CATALOGUE = "catalogue"
    CLIENTS = "clients"
    SUPPORT = "support"
    BILLING = "billing"
    WEBHOOKS = "webhooks"
    SECURITY = "security"
    HISTORY = "history"


_P = Permission
SECTIONS: Final[dict[Section, frozenset[Permission]]] = {
    Section.PROVIDERS: frozenset(
        {
            _P.PROVIDERS_READ,
            _P.PROVIDERS_WRITE,
            _P.COMPANIES_READ,
            _P.COMPANIES_WRITE,
            _P.TAXES_READ,
            _P.TAXES_WRITE,
        }
    ),
    Section.STAFF: frozenset({_P.STAFF_READ, _P.STAFF_WRITE, _P.USERS_READ, _P.USERS_INVITE}),
    Section.CATALOGUE: frozenset({_P.CATALOGUE_READ, _P.CATALOGUE_WRITE}),
    Section.CLIENTS: frozenset(
        {
            _P.CLIENTS_READ,
            _P.ORDERS_READ,
            _P.ORDERS_PLACE,
            _P.SERVICES_READ,
            _P.MEMBERS_READ,
            _P.MEMBERS_WRITE,
        }
    ),
    Section.SUPPORT: frozenset({_P.SUPPORT_READ, _P.SUPPORT_HANDLE}),
    Section.BILLING: frozenset(
        {
            _P.PAYERS_READ,
            _P.PAYERS_WRITE,
            _P.ACCOUNTS_READ,
            _P.INVOICES_READ,
            _P.PAYMENTS_READ,
            _P.PAYMENTS_RECORD,
        }
    ),
    Section.WEBHOOKS: frozenset({_P.WEBHOOKS_READ, _P.WEBHOOKS_WRITE}),
    Section.SECURITY: frozenset(
        {
            _P.USERS_READ,
            _P.USERS_WRITE,
            _P.SESSIONS_READ,
            _P.SESSIONS_END,
            _P.KEYS_READ,
            _P.KEYS_WRITE,
            _P.APPLICATIONS_READ,
            _P.APPLICATIONS_WRITE,
            _P.SECURITY_READ,
        }
    ),
    Section.HISTORY: frozenset({_P.HISTORY_READ}),
}

ADMINISTRATOR_PERMISSIONS: Final = frozenset(Permission)


class ClientRole(StrEnum):
    """What a client's user is to the client's account."""

    OWNER = "owner"
    FINANCE = "finance"
    TECHNICAL = "technical"
    READER = "reader"


_READS: Final = frozenset(
    {
        _P.CATALOGUE_READ,
        _P.CLIENTS_READ,
        _P.ORDERS_READ,
        _P.SERVICES_READ,
        _P.SUPPORT_READ,
        _P.PAYERS_READ,
        _P.ACCOUNTS_READ,
        _P.INVOICES_READ,
        _P.PAYMENTS_READ,
    }
)
CLIENT_ROLES: Final[dict[ClientRole, frozenset[Permission]]] = {
    ClientRole.OWNER: _READS
    | {
        _P.ORDERS_PLACE,
        _P.SUPPORT_REQUEST,
        _P.PAYERS_WRITE,
        _P.MEMBERS_READ,
        _P.MEMBERS_WRITE,
        _P.USERS_READ,
        _P.USERS_INVITE,
        _P.SESSIONS_READ,
        _P.SESSIONS_END,
        _P.KEYS_READ,
        _P.KEYS_WRITE,
    },
    ClientRole.FINANCE: frozenset(
        {
            _P.CATALOGUE_READ,
            _P.CLIENTS_READ,
            _P.ORDERS_READ,
            _P.SUPPORT_READ,
            _P.SUPPORT_REQUEST,
            _P.PAYERS_READ,
            _P.PAYERS_WRITE,
            _P.ACCOUNTS_READ,
            _P.INVOICES_READ,
            _P.PAYMENTS_READ,
        }
    ),
    ClientRole.TECHNICAL: frozenset(
        {
            _P.CATALOGUE_READ,
            _P.CLIENTS_READ,
            _P.ORDERS_READ,
            _P.SERVICES_READ,
            _P.SUPPORT_READ,
            _P.SUPPORT_REQUEST,
        }
    ),
    ClientRole.READER: _READS,
}
CLIENT_PERMISSIONS: Final = frozenset[Permission]().union(*CLIENT_ROLES.values())
"""What a client's user may have at all: whatever some role has. All else is for staff."""


MEANINGS: Final[dict[Permission, str]] = {
    _P.PROVIDERS_READ: "See the providers, their currencies and service conditions.",
    _P.PROVIDERS_WRITE: "Set providers up, and change their settings and service conditions.",
    _P.COMPANIES_READ: "See the companies that documents are linked to.",
    _P.COMPANIES_WRITE: "Set companies up.",
    _P.STAFF_READ: "See departments and employees.",
    _P.STAFF_WRITE: "Invite, change, suspend and end employees; set departments up, change them.",
    _P.CATALOGUE_READ: "See products, plans and prices.",
    _P.CATALOGUE_WRITE: "Put products and plans into the catalogue.",
    _P.CLIENTS_READ: "See clients, and who acted for them.",
    _P.CLIENTS_IMPERSONATE: "Enter the control panel as a client, for a reason that it can read.",
    _P.ORDERS_READ: "See orders.",
    _P.ORDERS_PLACE: "Order for a client.",
    _P.SERVICES_READ: "See services, and until when they are paid for.",
    _P.SUPPORT_READ: "Read support requests.",
    _P.SUPPORT_REQUEST: "Ask a provider's support.",
    _P.SUPPORT_HANDLE: "Answer support requests.",
    _P.PAYERS_READ: "See whom money matters are linked to.",
    _P.PAYERS_WRITE: "Make payers.",
    _P.ACCOUNTS_READ: "See personal accounts, their balances and expenses.",
    _P.INVOICES_READ: "See invoices.",
    _P.PAYMENTS_READ: "See payments.",
    _P.PAYMENTS_RECORD: "Record payments.",
    _P.USERS_READ: "See logins, and what each may do and why.",
    _P.USERS_INVITE: "Send an invited user another invitation, in place of one that expired.",
    _P.WEBHOOKS_READ: "See webhooks and what was delivered to them.",
    _P.WEBHOOKS_WRITE: "Set webhooks up, change and replay them.",
    _P.MEMBERS_READ: "See a client's own users.",
    _P.MEMBERS_WRITE: "Invite, change, suspend and remove a client's own users.",
    _P.USERS_WRITE: "Suspend logins of clients' people, and let users sign in again.",
    _P.SESSIONS_READ: "See others' sessions.",
    _P.SESSIONS_END: "End others' sessions.",
    _P.KEYS_READ: "See service accounts and API keys.",
    _P.KEYS_WRITE: "Make, change and revoke service accounts and API keys.",
    _P.APPLICATIONS_READ: "See the applications whose users sign in here.",
    _P.APPLICATIONS_WRITE: "Register applications whose users sign in here, and change them.",
    _P.SECURITY_READ: "Read the security log.",
    _P.HISTORY_READ: "Read who changed what, of whatever one may see.",
    _P.TAXES_READ: "See companies' tax rules, and which taxes apply to whom.",
    _P.TAXES_WRITE: "Set tax rules, end them, and withdraw those that have not begun.",
}
"""What each permission lets its holder do, for people."""


def permissions_in(sections: Iterable[str]) -> frozenset[Permission]:
    """The union of what the sections allow; a section of a newer release allows nothing here."""
    known = (SECTIONS[Section(name)] for name in sections if name in SECTIONS)
    return frozenset().union(*known)
