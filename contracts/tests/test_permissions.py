"""The catalogue of permissions is whole, and denies what it does not name."""

import re

import pytest

from florin_contracts.permissions import (
    ADMINISTRATOR_PERMISSIONS,
    CLIENT_ROLES,
    SECTIONS,
    ClientRole,
    Permission,
    Section,
    permissions_in,
)


@pytest.mark.parametrize("permission", Permission)
def test_a_permission_reads_section_colon_act(permission: Permission) -> None:
    assert re.fullmatch(r"[a-z]+:[a-z]+", permission)
    assert permission.name == permission.replace(":", "_").upper()


def test_every_section_allows_something() -> None:
    assert SECTIONS.keys() == set(Section)
    assert all(SECTIONS.values())


def test_every_role_of_a_client_allows_something() -> None:
    assert CLIENT_ROLES.keys() == set(ClientRole)
    assert all(CLIENT_ROLES.values())


def test_an_administrator_may_do_everything() -> None:
    assert set(Permission) == ADMINISTRATOR_PERMISSIONS


def test_no_section_allows_nothing() -> None:
    assert permissions_in([]) == frozenset()


def test_sections_together_allow_the_union_of_what_each_allows() -> None:
    both = permissions_in((Section.SUPPORT, Section.BILLING))
    assert both == SECTIONS[Section.SUPPORT] | SECTIONS[Section.BILLING]


def test_the_support_section_lets_one_handle_requests_and_nothing_else() -> None:
    assert permissions_in([Section.SUPPORT]) == {Permission.SUPPORT_READ, Permission.SUPPORT_HANDLE}


def test_entering_as_a_client_comes_with_no_section_and_must_be_granted_by_name() -> None:
    assert Permission.CLIENTS_IMPERSONATE not in permissions_in(Section)


@pytest.mark.parametrize("role", ClientRole)
def test_no_role_of_a_client_reaches_the_staff_s_side(role: ClientRole) -> None:
    staff_only = {
        Permission.PROVIDERS_WRITE,
        Permission.COMPANIES_WRITE,
        Permission.STAFF_READ,
        Permission.STAFF_WRITE,
        Permission.CATALOGUE_WRITE,
        Permission.CLIENTS_IMPERSONATE,
        Permission.SUPPORT_HANDLE,
        Permission.PAYMENTS_RECORD,
        Permission.USERS_WRITE,
        Permission.APPLICATIONS_READ,
        Permission.APPLICATIONS_WRITE,
        Permission.SECURITY_READ,
        Permission.WEBHOOKS_READ,
        Permission.WEBHOOKS_WRITE,
    }
    assert not CLIENT_ROLES[role] & staff_only
