"""Whether one's access holds another's."""

from uuid import UUID

import pytest

from florin_chassis.actor import Actor
from florin_contracts.permissions import Permission
from florin_identity.models.access import EVERYTHING, Access

N1, N2 = UUID(int=1), UUID(int=2)
READ, INVITE = Permission.USERS_READ, Permission.USERS_INVITE
INVITER = Actor(
    "user/x", permissions=frozenset({READ, INVITE}), reach={"provider": frozenset({N1})}
)


@pytest.mark.parametrize(
    ("access", "held"),
    [
        (Access(frozenset({READ}), {"provider": frozenset({N1})}), True),
        (Access(frozenset({READ}), {"provider": frozenset({N1, N2})}), False),
        (Access(frozenset({Permission.STAFF_WRITE}), {"provider": frozenset({N1})}), False),
        (Access(frozenset({READ}), everywhere=True), False),
        (Access(frozenset({READ}), {"client": frozenset({N1})}), False),
        (EVERYTHING, False),
    ],
)
def test_access_is_held_when_every_permission_and_all_of_the_reach_is(
    access: Access, held: bool
) -> None:
    assert access.is_within(INVITER) is held


def test_everything_everywhere_holds_everything() -> None:
    assert EVERYTHING.is_within(Actor("user/x", permissions=frozenset(Permission), everywhere=True))
