"""What a key or a scope leaves of its owner's access: never more than either of the two."""

from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from florin_chassis.actor import Actor
from florin_contracts.permissions import Permission
from florin_identity.models.oauth import InvalidScope
from florin_identity.models.program import narrowed, scoped
from florin_identity.models.rights import Rights
from florin_identity.models.service_account import ServiceAccount

permissions = st.frozensets(st.sampled_from([str(p) for p in Permission]))
places = st.frozensets(st.sampled_from([UUID(int=n) for n in range(4)]), min_size=1)
rights = st.one_of(
    st.builds(Rights, permissions, places.map(lambda ids: {"provider": ids}), version=st.just(3)),
    st.builds(Rights, permissions, everywhere=st.just(True), version=st.just(3)),
)


@given(rights, permissions)
def test_a_key_may_do_what_both_its_owner_and_its_scopes_allow(
    owner: Rights, scopes: frozenset[str]
) -> None:
    key = narrowed(owner, scopes)
    assert key.permissions == owner.permissions & scopes
    assert (key.reach, key.everywhere) == (owner.reach, owner.everywhere)
    assert key.version == owner.version


@given(rights, permissions, permissions)
def test_an_owner_that_loses_rights_takes_them_from_its_keys(
    owner: Rights, lost: frozenset[str], scopes: frozenset[str]
) -> None:
    less = narrowed(owner, owner.permissions - lost)
    assert not narrowed(less, scopes).permissions & lost
    assert narrowed(less, scopes).permissions <= narrowed(owner, scopes).permissions


@given(rights, permissions.filter(bool))
def test_a_scope_is_granted_as_a_whole_or_not_at_all(
    client: Rights, wanted: frozenset[str]
) -> None:
    asked = " ".join(sorted(wanted))
    if wanted <= client.permissions:
        assert scoped(client, asked).permissions == wanted
    else:
        with pytest.raises(InvalidScope):
            scoped(client, asked)


@given(permissions, st.frozensets(st.sampled_from([UUID(int=n) for n in range(4)])), rights)
def test_an_account_is_within_whoever_holds_all_of_it_everywhere_it_works(
    allowed: frozenset[str], providers: frozenset[UUID], holder: Rights
) -> None:
    account = ServiceAccount(
        name="x",
        permissions=tuple(Permission(p) for p in allowed),
        provider_ids=tuple(providers),
        disabled=False,
    )
    actor = Actor(
        "user/x",
        permissions=holder.permissions,
        reach=holder.reach,
        everywhere=holder.everywhere,
    )
    holds_all = allowed <= holder.permissions
    reached = holder.reach.get("provider", frozenset())
    everywhere_it_works = holder.everywhere or (bool(providers) and providers <= reached)
    assert account.access.is_within(actor) == (holds_all and everywhere_it_works)
