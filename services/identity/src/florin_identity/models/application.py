"""An application: one that lets its users sign in here, by OpenID Connect."""

from collections.abc import Mapping
from typing import Any, ClassVar, Final, NamedTuple
from uuid import UUID

from sqlalchemy import String, func, select, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from florin_chassis.actor import Actor
from florin_chassis.errors import Forbidden, NotFound, Refusal
from florin_chassis.finding import find_one
from florin_chassis.orm import Aggregate, Fact
from florin_chassis.tenancy import Tenanted
from florin_contracts.identity import (
    ApplicationChanged,
    ApplicationRegistered,
    ApplicationRemoved,
    UserKind,
)
from florin_identity.models.base import Base

_ONE_AT_A_TIME: Final = text(
    "SELECT pg_advisory_xact_lock(hashtextextended('florin.applications', 0))"
)


class NotForEveryProvider(Forbidden):
    """Users of every provider sign in to an application: who works for some cannot set it up."""

    code = "not_for_every_provider"


class TooManyApplications(Refusal):
    """There are as many applications as the installation allows: remove one first."""

    code = "too_many_applications"


class Application(Aggregate, Tenanted, Base):
    """See `florin_contracts.identity.ApplicationState`. In nobody's reach but everywhere's."""

    __tablename__ = "applications"
    tenants: ClassVar = {}

    name: Mapped[str]
    redirect_uris: Mapped[tuple[str, ...]] = mapped_column(ARRAY(String, as_tuple=True))
    post_logout_redirect_uris: Mapped[tuple[str, ...]] = mapped_column(ARRAY(String, as_tuple=True))
    confidential: Mapped[bool]
    first_party: Mapped[bool]
    open_to: Mapped[tuple[str, ...]] = mapped_column(ARRAY(String, as_tuple=True))
    backchannel_logout_uri: Mapped[str | None]
    removed: Mapped[bool]

    def register(self, by: Actor) -> Fact:
        """Let users sign in from now on. Raises `NotForEveryProvider`."""
        if not by.everywhere:
            raise NotForEveryProvider("you do not work for every provider")
        return self.fact(ApplicationRegistered)

    def change(self, changes: Mapping[str, Any]) -> Fact | None:
        """Set columns to new values; nothing to state if all were so."""
        differing = {name: v for name, v in changes.items() if getattr(self, name) != v}
        for name, value in differing.items():
            setattr(self, name, value)
        return self.fact(ApplicationChanged) if differing else None

    def remove(self) -> Fact:
        """Let nobody sign in any more."""
        self.removed = True
        return self.fact(ApplicationRemoved)


class KnownApplication(NamedTuple):
    """What there is to check of whoever says that it is this application."""

    id: UUID
    name: str
    redirect_uris: tuple[str, ...]
    post_logout_redirect_uris: tuple[str, ...]
    confidential: bool
    first_party: bool
    open_to: tuple[str, ...]

    def admits(self, kind: UserKind) -> bool:
        """Whether users of this kind may sign in to it."""
        return kind in self.open_to


async def find_application(session: AsyncSession, client_id: str | None) -> KnownApplication | None:
    """The application of a `client_id`, unless it was removed.

    Tables, not mapped classes, are read: nobody is signed in yet.
    """
    try:
        application_id = UUID(client_id or "")
    except ValueError:
        return None
    columns = Application.__table__.c
    wanted = select(*(columns[name] for name in KnownApplication._fields))
    found = await session.execute(
        wanted.where(columns.id == application_id, columns.removed.is_(False))
    )
    row = found.first()
    return None if row is None else KnownApplication(*row)


async def require_room(session: AsyncSession, applications_max: int) -> None:
    """Raise `TooManyApplications` unless one more may be; two who ask at once come in turn."""
    await session.execute(_ONE_AT_A_TIME)
    columns = Application.__table__.c
    there = select(func.count()).where(columns.removed.is_(False))
    if (await session.scalar(there) or 0) >= applications_max:
        raise TooManyApplications(f"there are {applications_max} applications already")


async def need_application(
    session: AsyncSession, application_id: UUID, *, locked: bool = False
) -> Application:
    """The application, unless it was removed; raises `NotFound`."""
    application = await find_one(session, Application, application_id, locked=locked)
    if application.removed:
        raise NotFound(f"there is no application {application_id}")
    return application
