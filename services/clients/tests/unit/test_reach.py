"""Who may make something for a client at a provider."""

from uuid import UUID

import pytest

from florin_chassis.actor import ANONYMOUS, Actor
from florin_chassis.ids import new_id
from florin_clients.models import reaches_all

CLIENT, PROVIDER, OTHER = new_id(), new_id(), new_id()


def bound(**reach: UUID) -> Actor:
    return Actor(name="user/test", reach={name: frozenset({id_}) for name, id_ in reach.items()})


@pytest.mark.parametrize(
    ("actor", "may"),
    [
        (Actor(name="user/test", everywhere=True), True),
        (ANONYMOUS, False),
        (bound(client=CLIENT), True),
        (bound(client=OTHER), False),
        (bound(provider=PROVIDER), True),
        (bound(provider=OTHER), False),
        (bound(client=CLIENT, provider=OTHER), False),
        (bound(region=PROVIDER), False),
    ],
)
def test_an_actor_reaches_what_all_its_bounds_allow(actor: Actor, *, may: bool) -> None:
    assert reaches_all(actor, client=CLIENT, provider=PROVIDER) is may
