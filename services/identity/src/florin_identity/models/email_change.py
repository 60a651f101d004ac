"""A change of the address that a user signs in with, until both addresses have agreed."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from florin_identity.models.base import Base
from florin_identity.models.one_time_link import LinkPurpose


class EmailChange(Base):
    """At most one for each user: a later one takes the place of the earlier."""

    __tablename__ = "email_changes"

    user_id: Mapped[UUID] = mapped_column(
        ForeignKey("users.id", ondelete="CASCADE"), primary_key=True
    )
    email: Mapped[str]
    old_confirmed: Mapped[bool]
    new_confirmed: Mapped[bool]
    expires_at: Mapped[datetime] = mapped_column(index=True)

    def confirm(self, purpose: LinkPurpose) -> bool:
        """The owner of one address has agreed; whether both have."""
        if purpose is LinkPurpose.EMAIL_CHANGE_OLD:
            self.old_confirmed = True
        else:
            self.new_confirmed = True
        return self.old_confirmed and self.new_confirmed
