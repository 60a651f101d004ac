"""A user's place in a client's account: its role, its own grants, and whether it may act there."""

from typing import ClassVar
from uuid import UUID

from sqlalchemy import ColumnElement, ForeignKey, Index, select, text
from sqlalchemy.orm import Mapped, mapped_column

from florin_chassis.orm import Aggregate, Fact, ValueColumn
from florin_chassis.tenancy import Tenanted
from florin_clients.models.base import Base
from florin_clients.models.client import Client
from florin_clients.models.member_refusals import EmailIsTheUsers, EmailTaken, UserIsRemoved
from florin_clients.models.membership import Membership
from florin_contracts.clients import (
    ClientUserAdded,
    ClientUserChanged,
    ClientUserInvited,
    ClientUserJoined,
    ClientUserRemoved,
    ClientUserResumed,
    ClientUserStatus,
    ClientUserSuspended,
    InvitationRefusal,
)
from florin_contracts.permissions import CLIENT_ROLES, ClientRole, Permission


class ClientUser(Aggregate, Tenanted, Base):
    """See `florin_contracts.clients.ClientUserState`; `id` is the user's.

    `joined` says that its login has a password: what a suspended one resumes to. The address of
    one that was removed may be invited again, as may one at which nobody could be.
    """

    __tablename__ = "client_users"
    __table_args__ = (
        Index(None, "client_id", "id"),
        Index(
            "uq_client_users_email",
            "email",
            unique=True,
            postgresql_where=text("status <> 'removed' AND refused_because IS NULL"),
        ),
    )
    __refusals__: ClassVar = {"uq_client_users_email": EmailTaken}
    tenants: ClassVar = {"client": "client_id", "provider": "client_id"}

    # Deferred, because a client and its first user are written in one transaction, in any order.
    client_id: Mapped[UUID] = mapped_column(
        ForeignKey("clients.id", deferrable=True, initially="DEFERRED")
    )
    name: Mapped[str]
    email: Mapped[str | None]
    role: Mapped[ClientRole]
    permissions: Mapped[tuple[Permission, ...]] = mapped_column(ValueColumn(tuple[Permission, ...]))
    status: Mapped[ClientUserStatus]
    joined: Mapped[bool]
    refused_because: Mapped[InvitationRefusal | None]

    @classmethod
    def within(cls, dimension: str, ids: frozenset[UUID]) -> ColumnElement[bool]:
        """A user is where its client is: it has no provider of its own."""
        if dimension != "provider":
            return super().within(dimension, ids)
        return cls.client_id.in_(select(Client.id).where(Client.within(dimension, ids)))

    @property
    def rights(self) -> frozenset[Permission]:
        """What it may do in the client's account while it is active."""
        return CLIENT_ROLES[self.role].union(self.permissions)

    @property
    def is_active_owner(self) -> bool:
        """Whether the client can rely on it to do everything."""
        return self.role is ClientRole.OWNER and self.status is ClientUserStatus.ACTIVE

    def add(self) -> Fact:
        """Take the place."""
        return self.fact(ClientUserAdded)

    def invite(self, membership: Membership) -> Fact:
        """Ask the person to act for the client. Raises `GrantsMoreThanHeld`."""
        membership.require_held(self.rights)
        return self.fact(ClientUserInvited)

    def join(self) -> list[Fact]:
        """The login has a password: the person acts, unless it is suspended or removed."""
        if self.joined or self.status is ClientUserStatus.REMOVED:
            return []
        self.joined, self.refused_because = True, None
        if self.status is ClientUserStatus.INVITED:
            self.status = ClientUserStatus.ACTIVE
        return [self.fact(ClientUserJoined)]

    def take_email(self, email: str) -> list[Fact]:
        """The person signs in with another address than it was invited at."""
        if self.email in {None, email} or self.status is ClientUserStatus.REMOVED:
            return []
        self.email = email
        return [self.fact(ClientUserChanged)]

    def lose_address(self) -> list[Fact]:
        """Somebody else signs in with the address at which it was invited: it gets no login."""
        if self.joined or self.status is ClientUserStatus.REMOVED or self.refused_because:
            return []
        self.refused_because = InvitationRefusal.ADDRESS_IN_USE
        return [self.fact(ClientUserChanged)]

    def readdress(self, membership: Membership, email: str) -> list[Fact]:
        """Be invited at this address, once more if it is the same one and could not be had.

        Raises `UserIsRemoved`, `OwnRights`, `MayDoMoreThanYou` and `EmailIsTheUsers`.
        """
        self._require_over(membership)
        if self.email == email and self.refused_because is None:
            return []
        if self.joined:
            raise EmailIsTheUsers("it signs in with its address: it alone changes that")
        self.email, self.refused_because = email, None
        return [self.fact(ClientUserChanged)]

    def change(
        self,
        membership: Membership,
        name: str | None,
        role: ClientRole | None,
        permissions: tuple[Permission, ...] | None,
    ) -> list[Fact]:
        """Have another name, role or grants; `None` leaves it. Nothing to state if all was so.

        Raises `UserIsRemoved`, `OwnRights`, `MayDoMoreThanYou`, `GrantsMoreThanHeld`, `LastOwner`.
        """
        self._require_present()
        before = self.name, self.role, self.permissions
        rights = self.role if role is None else role, self._granted(permissions)
        if rights != (self.role, self.permissions):
            membership.require_over(self.id, self.rights)
            self._require_no_last_owner(membership, stays=rights[0] is ClientRole.OWNER)
        self.name = self.name if name is None else name
        self.role, self.permissions = rights
        if before == (self.name, self.role, self.permissions):
            return []
        if rights != before[1:]:
            membership.require_held(self.rights)
        return [self.fact(ClientUserChanged)]

    def suspend(self, membership: Membership) -> list[Fact]:
        """Do nothing for the time being. Raises as `change` does, but for grants."""
        self._require_over(membership)
        if self.status is ClientUserStatus.SUSPENDED:
            return []
        self._require_no_last_owner(membership)
        self.status = ClientUserStatus.SUSPENDED
        return [self.fact(ClientUserSuspended)]

    def resume(self, membership: Membership) -> list[Fact]:
        """Act again, or be invited as before. Raises as `suspend` does."""
        self._require_over(membership)
        if self.status is not ClientUserStatus.SUSPENDED:
            return []
        self.status = ClientUserStatus.ACTIVE if self.joined else ClientUserStatus.INVITED
        return [self.fact(ClientUserResumed)]

    def remove(self, membership: Membership) -> Fact:
        """Act for the client no more, for good. Raises as `suspend` does."""
        self._require_over(membership)
        self._require_no_last_owner(membership)
        self.status = ClientUserStatus.REMOVED
        return self.fact(ClientUserRemoved)

    def _granted(self, permissions: tuple[Permission, ...] | None) -> tuple[Permission, ...]:
        return self.permissions if permissions is None else tuple(sorted({*permissions}))

    def _require_present(self) -> None:
        if self.status is ClientUserStatus.REMOVED:
            raise UserIsRemoved("the user was removed, for good")

    def _require_over(self, membership: Membership) -> None:
        self._require_present()
        membership.require_over(self.id, self.rights)

    def _require_no_last_owner(self, membership: Membership, *, stays: bool = False) -> None:
        if self.is_active_owner and not stays:
            membership.require_another_owner()
