"""Whether one's rights hold another's."""

from uuid import UUID

import pytest

from florin_chassis.actor import Actor
from florin_contracts.permissions import Permission
from florin_identity.models.rights import EVERYTHING, Rights

N1, N2 = UUID(int=1), UUID(int=2)
READ, INVITE = Permission.USERS_READ, Permission.USERS_INVITE
INVITER = Actor(
    "user/x", permissions=frozenset({READ, INVITE}), reach={"provider": frozenset({N1})}
)


@pytest.mark.parametrize(
    ("rights", "held"),
    [
        (Rights(frozenset({READ}), {"provider": frozenset({N1})}), True),
        (Rights(frozenset({READ}), {"provider": frozenset({N1, N2})}), False),
        (Rights(frozenset({Permission.STAFF_WRITE}), {"provider": frozenset({N1})}), False),
        (Rights(frozenset({READ}), everywhere=True), False),
        (Rights(frozenset({READ}), {"client": frozenset({N1})}), False),
        (EVERYTHING, False),
    ],
)
def test_rights_are_held_when_every_permission_and_all_of_the_reach_is(
    rights: Rights, held: bool
) -> None:
    assert rights.is_within(INVITER) is held


def test_everything_everywhere_holds_everything() -> None:
    assert EVERYTHING.is_within(Actor("user/x", permissions=frozenset(Permission), everywhere=True))
