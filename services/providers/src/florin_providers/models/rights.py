"""The rules of every grant: nobody gives what it does not hold itself, nor where it does not work.

The same bounds whom an actor may change at all: else it could take rights from its superiors.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from florin_chassis.actor import Actor
from florin_chassis.errors import Forbidden
from florin_contracts.permissions import Permission
from florin_providers.models.staff_refusals import MayDoMoreThanYou


class GrantsMoreThanHeld(Forbidden):
    """Whoever grants rights holds them."""

    code = "grants_more_than_held"


@dataclass(frozen=True, slots=True)
class Rights:
    """What somebody may do, and for which providers; `None` is every provider."""

    permissions: frozenset[Permission]
    provider_ids: frozenset[UUID] | None = frozenset()

    def beyond(self, actor: Actor) -> list[Permission]:
        """The permissions that the actor does not hold."""
        return sorted(self.permissions - actor.permissions)

    def reached_by(self, actor: Actor) -> bool:
        """Whether the actor itself works for all these providers."""
        if self.provider_ids is None:
            return actor.everywhere
        return all(actor.reaches("provider", id_) for id_ in self.provider_ids)


def require_held(actor: Actor, granted: Iterable[Permission]) -> None:
    """Raise `GrantsMoreThanHeld`, naming the permissions, unless the actor has all of them."""
    if beyond := Rights(frozenset(granted)).beyond(actor):
        raise GrantsMoreThanHeld(
            f"you do not hold {', '.join(beyond)}, so you cannot grant it", permissions=beyond
        )


def require_everywhere(actor: Actor) -> None:
    """Raise `GrantsMoreThanHeld` unless the actor itself works for every provider."""
    if not actor.everywhere:
        raise GrantsMoreThanHeld("you do not work for every provider: name those it is for")


def require_may_give(actor: Actor, rights: Rights) -> None:
    """Raise `GrantsMoreThanHeld` unless the actor has all these rights itself."""
    require_held(actor, rights.permissions)
    if rights.provider_ids is None:
        require_everywhere(actor)
    elif not rights.reached_by(actor):
        raise GrantsMoreThanHeld("you do not work for all of these providers")


def require_may_touch(actor: Actor, rights: Rights) -> None:
    """Raise `MayDoMoreThanYou` unless the actor has all the rights that are there now."""
    if beyond := rights.beyond(actor):
        raise MayDoMoreThanYou(f"you do not hold {', '.join(beyond)}", permissions=beyond)
    if not rights.reached_by(actor):
        raise MayDoMoreThanYou("you do not work for all the providers that this is about")
