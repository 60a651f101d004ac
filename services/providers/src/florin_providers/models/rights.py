"""The rule of every grant: nobody gives what it does not hold itself."""

from collections.abc import Iterable

from florin_chassis.actor import Actor
from florin_chassis.errors import Forbidden
from florin_contracts.permissions import Permission


class GrantsMoreThanHeld(Forbidden):
    """Whoever grants rights holds them."""

    code = "grants_more_than_held"


def require_held(actor: Actor, granted: Iterable[Permission]) -> None:
    """Raise `GrantsMoreThanHeld`, naming the permissions, unless the actor has all of them."""
    if beyond := sorted(set(granted) - actor.permissions):
        raise GrantsMoreThanHeld(
            f"you do not hold {', '.join(beyond)}, so you cannot grant it", permissions=beyond
        )


def require_everywhere(actor: Actor) -> None:
    """Raise `GrantsMoreThanHeld` unless the actor itself works for every provider."""
    if not actor.everywhere:
        raise GrantsMoreThanHeld("you do not work for every provider: name those it is for")
