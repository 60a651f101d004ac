"""Access is written small into tokens, and read back as it was."""

from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from florin_contracts.event import event_types
from florin_contracts.permissions import Permission
from florin_contracts.tokens import (
    CATALOGUE,
    REVOKING,
    id_of,
    permissions_at,
    places_of,
    short_id,
)

PROMISED = """
    providers:read providers:write companies:read companies:write staff:read staff:write
    catalogue:read catalogue:write clients:read clients:impersonate orders:read orders:place
    services:read support:read support:request support:handle payers:read payers:write
    accounts:read invoices:read payments:read payments:record users:read users:invite
    webhooks:read webhooks:write members:read members:write users:write sessions:read
    sessions:end keys:read keys:write applications:read applications:write security:read
"""


def test_no_permission_has_another_place_than_in_the_releases_before() -> None:
    promised = PROMISED.split()
    assert list(CATALOGUE[: len(promised)]) == promised


@given(st.frozensets(st.sampled_from(Permission)))
def test_permissions_are_read_back_as_they_were_written(held: frozenset[Permission]) -> None:
    assert permissions_at(places_of(held)) == held


def test_a_permission_of_a_later_release_allows_nothing_here() -> None:
    later = (*CATALOGUE, "moon:walk")
    assert permissions_at(places_of(["moon:walk", "staff:read"], later)) == {"staff:read"}
    assert places_of(["moon:walk"]) == ""


def test_all_permissions_take_a_dozen_characters_at_most() -> None:
    assert len(places_of(CATALOGUE)) <= 12


@given(st.uuids())
def test_an_id_is_read_back_as_it_was_written(id: UUID) -> None:
    assert id_of(short_id(id)) == id
    assert len(short_id(uuid4())) == 22


def test_what_is_no_id_is_refused() -> None:
    for text in ("x", "abcd", short_id(uuid4())[:-1]):
        with pytest.raises(ValueError, match=r"16|base64|padding"):
            id_of(text)


def test_what_refuses_tokens_are_events_of_identity() -> None:
    assert all(event_types()[type_].topic.startswith("identity-") for type_ in REVOKING)
