"""Which link a letter has: what it is for, where in the frontend it leads, how long it is good."""

from collections.abc import Callable
from datetime import timedelta
from typing import Final, NamedTuple

from florin_identity.models.letter import LetterKind
from florin_identity.models.one_time_link import LinkPurpose
from florin_identity.settings import Settings


class Link(NamedTuple):
    """What `LINKS` says of one kind of letter."""

    purpose: LinkPurpose
    page: str
    life: Callable[[Settings], timedelta]


LINKS: Final = {
    LetterKind.INVITATION: Link(
        LinkPurpose.INVITATION,
        "invitation",
        lambda settings: timedelta(hours=settings.invitation_life_hours),
    ),
}
