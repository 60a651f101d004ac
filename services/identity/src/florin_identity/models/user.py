"""A user: a login of an employee or of a client's person."""

from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import ColumnElement, Index, false, or_, select, text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from florin_chassis.actor import Actor
from florin_chassis.errors import Refusal
from florin_chassis.orm import Aggregate, Fact
from florin_chassis.tenancy import Tenanted
from florin_contracts.identity import (
    ClientRegistration,
    UserActivated,
    UserEmailChanged,
    UserEmailVerified,
    UserInvited,
    UserKind,
    UserLeft,
    UserRegistered,
    UserResumed,
    UserSecondFactorDisabled,
    UserSecondFactorEnabled,
    UserStatus,
    UserSuspended,
)
from florin_identity.models.base import Base
from florin_identity.models.reach import clients_of, employees_of


class EmailTaken(Refusal):
    """Another user signs in with this email already."""

    code = "email_taken"


class EmailVerifiedAlready(Refusal):
    """The user has proved that the address is its own."""

    code = "email_verified_already"


class EmailUnchanged(Refusal):
    """The address asked for is the one that the user signs in with."""

    code = "email_unchanged"


class UserNotInvited(Refusal):
    """Only a user who has not set a password yet can be invited."""

    code = "user_not_invited"


class UserHasLeft(Refusal):
    """The login of one that left is closed for good."""

    code = "user_left"


class User(Aggregate, Tenanted, Base):
    """See `florin_contracts.identity.UserState`. Its password is kept apart, in `Credential`.

    Of all that have one email, at most one has not left.
    """

    __tablename__ = "users"
    __table_args__ = (
        Index("uq_users_email", "email", unique=True, postgresql_where=text("status <> 'left'")),
    )
    __refusals__: ClassVar = {"uq_users_email": EmailTaken}
    tenants: ClassVar = {"client": "client_id"}

    name: Mapped[str]
    email: Mapped[str]
    kind: Mapped[UserKind]
    status: Mapped[UserStatus]
    administrator: Mapped[bool]
    client_id: Mapped[UUID | None]
    email_verified: Mapped[bool] = mapped_column(server_default=false())
    second_factor: Mapped[bool] = mapped_column(server_default=false())

    @classmethod
    def visible_to(cls, actor: Actor) -> ColumnElement[bool]:
        """What the actor reaches, and always the actor's own login."""
        reached = super().visible_to(actor)
        return reached if actor.user_id is None else or_(reached, cls.id == actor.user_id)

    @classmethod
    def within(cls, dimension: str, ids: frozenset[UUID]) -> ColumnElement[bool]:
        """A provider's users are its own employees and its clients' people."""
        if dimension != "provider":
            return super().within(dimension, ids)
        return or_(cls.id.in_(employees_of(ids)), cls.client_id.in_(clients_of(ids)))

    def register(self, registration: ClientRegistration) -> Fact:
        """Come into being together with a client."""
        return self.fact(UserRegistered, registration=registration)

    def invite(self) -> Fact:
        """Come into being without a password."""
        return self.fact(UserInvited)

    def activate(self) -> Fact:
        """Be able to sign in. Raises `UserNotInvited`."""
        self.require_invited()
        self.status = UserStatus.ACTIVE
        return self.fact(UserActivated)

    def suspend(self) -> list[Fact]:
        """Sign in no more for the time being. Raises `UserHasLeft`."""
        self.require_present()
        if self.status is UserStatus.SUSPENDED:
            return []
        self.status = UserStatus.SUSPENDED
        return [self.fact(UserSuspended)]

    def resume(self, *, has_password: bool) -> list[Fact]:
        """Sign in again, or be invited as before. Raises `UserHasLeft`."""
        self.require_present()
        if self.status is not UserStatus.SUSPENDED:
            return []
        self.status = UserStatus.ACTIVE if has_password else UserStatus.INVITED
        return [self.fact(UserResumed)]

    def leave(self) -> list[Fact]:
        """Sign in no more, for good."""
        if self.status is UserStatus.LEFT:
            return []
        self.status = UserStatus.LEFT
        return [self.fact(UserLeft)]

    def require_present(self) -> None:
        """Raise `UserHasLeft` if its login is closed for good."""
        if self.status is UserStatus.LEFT:
            raise UserHasLeft("the user has left, for good")

    def verify_email(self) -> Fact:
        """Have proved that the address is one's own. Raises `EmailVerifiedAlready`."""
        self.require_unverified()
        self.email_verified = True
        return self.fact(UserEmailVerified)

    def change_email(self, email: str) -> Fact:
        """Sign in with another address, which both have confirmed. Raises `EmailUnchanged`."""
        self.require_other(email)
        self.email, self.email_verified = email, True
        return self.fact(UserEmailChanged)

    def be_readdressed(self, email: str) -> Fact:
        """Have another address before there is a password to sign in with, or give it up."""
        self.email, self.email_verified = email, False
        return self.fact(UserEmailChanged)

    def require_unverified(self) -> None:
        """Raise `EmailVerifiedAlready` if the address needs no more proof."""
        if self.email_verified:
            raise EmailVerifiedAlready("the address has been proved to be yours")

    def require_other(self, email: str) -> None:
        """Raise `EmailUnchanged` if the user signs in with this address."""
        if self.email == email:
            raise EmailUnchanged("you sign in with this address already")

    def enable_second_factor(self) -> Fact:
        """From now on take more than the password to sign in."""
        self.second_factor = True
        return self.fact(UserSecondFactorEnabled)

    def disable_second_factor(self) -> Fact:
        """Sign in with the password alone."""
        self.second_factor = False
        return self.fact(UserSecondFactorDisabled)

    def require_invited(self) -> None:
        """Raise `UserNotInvited` unless the user has yet to set a password."""
        if self.status is not UserStatus.INVITED:
            raise UserNotInvited(f"the user is {self.status}")


def invited_employee(user_id: UUID, name: str, email: str, *, administrator: bool) -> User:
    """The login of an employee, who has yet to set a password."""
    kind = UserKind.EMPLOYEE
    return _invited(
        id=user_id, name=name, email=email, kind=kind, administrator=administrator, client_id=None
    )


def invited_client_user(user_id: UUID, name: str, email: str, client_id: UUID) -> User:
    """The login of a client's user, who has yet to set a password."""
    kind = UserKind.CLIENT
    return _invited(
        id=user_id, name=name, email=email, kind=kind, administrator=False, client_id=client_id
    )


def _invited(**columns: Any) -> User:
    unproved = {"email_verified": False, "second_factor": False}
    return User(status=UserStatus.INVITED, **unproved, **columns)


async def login_at(session: AsyncSession, email: str) -> UUID | None:
    """Whose login an email is. The table is read, not the class: others' users are hidden."""
    users = User.__table__.c
    present = (users.email == email) & (users.status != UserStatus.LEFT)
    return await session.scalar(select(users.id).where(present))
