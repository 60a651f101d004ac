"""`logouts`: which applications could not be told that a session ended, and another try for it.

A notice that is tried again goes to where the application wants to be told by now.
"""

from typing import Final

from florin_identity.commands.errands import Errands
from florin_identity.models.logout_notice import LogoutNotice, NoticeStatus

_SHOWN: Final = (
    LogoutNotice.id,
    LogoutNotice.status,
    LogoutNotice.application_id,
    LogoutNotice.user_id,
    LogoutNotice.session_id,
    LogoutNotice.tries,
    LogoutNotice.written_at,
    LogoutNotice.due_at,
    LogoutNotice.ended_at,
    LogoutNotice.error,
)

logouts: Final = Errands("logouts", LogoutNotice, NoticeStatus, _SHOWN).command()
