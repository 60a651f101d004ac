"""What an act upon a client's user is judged by, beside that user: who acts, and who else owns."""

from collections.abc import Iterable, Set
from dataclasses import dataclass
from uuid import UUID

from florin_chassis.actor import Actor
from florin_chassis.errors import Malformed
from florin_clients.models.member_refusals import (
    GrantsMoreThanHeld,
    LastOwner,
    MayDoMoreThanYou,
    OwnRights,
)
from florin_contracts.permissions import CLIENT_PERMISSIONS, Permission


@dataclass(frozen=True, slots=True)
class Membership:
    """`by` acts; `other_owners` are the client's active owners beside the user in question."""

    by: Actor
    other_owners: int = 0

    def require_held(self, rights: Set[Permission]) -> None:
        """Raise `GrantsMoreThanHeld` unless who gives these rights holds them."""
        if beyond := sorted(rights - self.by.permissions):
            raise GrantsMoreThanHeld(
                f"you cannot give {', '.join(beyond)}: you have not got it", permissions=beyond
            )

    def require_over(self, user_id: UUID, rights: Set[Permission]) -> None:
        """Raise `OwnRights` or `MayDoMoreThanYou` unless the user is another, who may do no more.

        Else a user could make itself more, or take rights from those above it.
        """
        if self.by.user_id == user_id:
            raise OwnRights("ask another: nobody changes its own rights")
        if beyond := sorted(rights - self.by.permissions):
            raise MayDoMoreThanYou(
                f"the user may do what you may not: {', '.join(beyond)}", permissions=beyond
            )

    def require_another_owner(self) -> None:
        """Raise `LastOwner` unless one is left."""
        if not self.other_owners:
            raise LastOwner("the client would have no active owner any more")


def require_for_clients(permissions: Iterable[Permission]) -> None:
    """Raise `Malformed` for a grant that is for staff alone."""
    if beyond := sorted({*permissions} - CLIENT_PERMISSIONS):
        raise Malformed.field("permissions", f"{', '.join(beyond)}: not for a client's users")
