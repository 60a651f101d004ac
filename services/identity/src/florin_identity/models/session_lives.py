"""How long a session lasts: so long in all, and so long unused."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Self

from sqlalchemy import ColumnElement, and_, or_

from florin_identity.models.refresh_family import RefreshFamily
from florin_identity.models.session import Session
from florin_identity.settings import Settings


@dataclass(frozen=True, slots=True)
class SessionLives:
    """Both bounds hold for sessions that began earlier, too: settings may be made stricter."""

    absolute: timedelta
    idle: timedelta

    @classmethod
    def of(cls, settings: Settings) -> Self:
        """As the service is told."""
        absolute = timedelta(hours=settings.session_life_hours)
        return cls(absolute, timedelta(hours=settings.session_idle_hours))

    def is_over(self, started_at: datetime, used_at: datetime, at: datetime) -> bool:
        """Whether a session has run out by itself."""
        return at > started_at + self.absolute or at > used_at + self.idle

    def going_on(self, at: datetime) -> ColumnElement[bool]:
        """The sessions, joined with their families, whose tokens are good."""
        young = Session.started_at >= at - self.absolute
        used = RefreshFamily.used_at >= at - self.idle
        return and_(Session.ended_at.is_(None), young, used)

    def run_out(self, at: datetime) -> ColumnElement[bool]:
        """The sessions, joined with their families, that nobody ended and that are over."""
        return and_(Session.ended_at.is_(None), ~self.going_on(at))

    def over(self, at: datetime) -> ColumnElement[bool]:
        """The sessions, outer-joined with their families, that are over by `at`."""
        ended = Session.ended_at < at
        old = Session.started_at < at - self.absolute
        unused = RefreshFamily.used_at < at - self.idle
        return or_(ended, old, unused)
