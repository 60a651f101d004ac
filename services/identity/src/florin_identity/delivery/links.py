"""Which link a letter has: what it is for, where in the frontend it leads, how long it is good."""

from datetime import timedelta
from typing import Final, NamedTuple

from florin_identity.models.letter import LetterKind
from florin_identity.models.one_time_link import LinkPurpose
from florin_identity.settings import Settings


class Link(NamedTuple):
    """What `LINKS` says of one kind of letter."""

    purpose: LinkPurpose
    page: str


LINKS: Final = {
    LetterKind.INVITATION: Link(LinkPurpose.INVITATION, "invitation"),
    LetterKind.EMAIL_VERIFICATION: Link(LinkPurpose.EMAIL_VERIFICATION, "email-verification"),
    LetterKind.EMAIL_CHANGE_OLD: Link(LinkPurpose.EMAIL_CHANGE_OLD, "email-change"),
    LetterKind.EMAIL_CHANGE_NEW: Link(LinkPurpose.EMAIL_CHANGE_NEW, "email-change"),
    LetterKind.PASSWORD_RESET: Link(LinkPurpose.PASSWORD_RESET, "password-reset"),
}


def life_of(purpose: LinkPurpose, settings: Settings) -> timedelta:
    """How long such a link is good after it was made."""
    if purpose is LinkPurpose.PASSWORD_RESET:
        return timedelta(minutes=settings.password_reset_life_minutes)
    if purpose is LinkPurpose.INVITATION:
        return timedelta(hours=settings.invitation_life_hours)
    return timedelta(hours=settings.email_link_life_hours)
