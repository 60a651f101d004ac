"""The access of a user: its effective rights, kept, and stated whenever they change."""

from datetime import datetime
from typing import Any, ClassVar, Final, NamedTuple
from uuid import UUID

from sqlalchemy import ARRAY, ColumnElement, ForeignKey, Text, Uuid, bindparam, select, text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from florin_chassis.actor import Actor
from florin_chassis.orm import Aggregate, Fact
from florin_chassis.plain_reading import read_rows
from florin_chassis.tenancy import Tenanted
from florin_contracts.identity import AccessGranted, AccessReduced, UserKind, UserStatus
from florin_identity.models.base import Base
from florin_identity.models.credential import Credential
from florin_identity.models.rights import Rights
from florin_identity.models.user import User


class Access(Aggregate, Tenanted, Base):
    """See `florin_contracts.identity.AccessState`; `id` is the user's.

    Its `version` is the `ver` of tokens: one with an earlier is refused once a right was lost.
    """

    __tablename__ = "access"
    tenants: ClassVar = {}

    id: Mapped[UUID] = mapped_column(ForeignKey("users.id"), primary_key=True)
    permissions: Mapped[tuple[str, ...]] = mapped_column(ARRAY(Text, as_tuple=True))
    everywhere: Mapped[bool]
    provider_ids: Mapped[tuple[UUID, ...]] = mapped_column(ARRAY(Uuid, as_tuple=True))
    client_ids: Mapped[tuple[UUID, ...]] = mapped_column(ARRAY(Uuid, as_tuple=True))

    @classmethod
    def of(cls, user: User) -> "Access":
        """The access of a new user: none, until it is reckoned."""
        return cls(id=user.id, permissions=(), everywhere=False, provider_ids=(), client_ids=())

    @classmethod
    def visible_to(cls, actor: Actor) -> ColumnElement[bool]:
        """Who sees a user sees what it may do."""
        return cls.id.in_(select(User.id).where(User.visible_to(actor)))

    @property
    def rights(self) -> Rights:
        """As a value, for tokens and comparisons."""
        return _rights_of(self)

    def become(self, rights: Rights) -> list[Fact]:
        """Have these rights from now on; nothing when it has them already."""
        before = self.rights
        if rights == before and self.version:
            return []
        self.permissions = tuple(sorted(rights.permissions))
        self.everywhere = rights.everywhere
        self.provider_ids = tuple(sorted(rights.reach.get("provider", ())))
        self.client_ids = tuple(sorted(rights.reach.get("client", ())))
        return [self.fact(AccessGranted if rights.hold(before) else AccessReduced)]


def _rights_of(row: Any) -> Rights:
    reach = {"provider": frozenset(row.provider_ids), "client": frozenset(row.client_ids)}
    bounds = {name: ids for name, ids in reach.items() if ids}
    return Rights(frozenset(row.permissions), bounds, row.everywhere, row.version)


class Holder(NamedTuple):
    """A user as whoever gives it a token must know it, and what it may do."""

    id: UUID
    kind: UserKind
    status: UserStatus
    rights: Rights


class Admitted(NamedTuple):
    """A user as it is while it signs in: what was proved before is compared with it."""

    holder: Holder
    second_factor: bool
    password_since: datetime


_users, _access, _credentials = User.__table__, Access.__table__, Credential.__table__
# All three are locked: of a row that is only joined, who waited would see what was there before.
# So it would of one that was updated and not locked FOR UPDATE before.
_ADMITTED: Final = (
    select(
        _users.c.kind,
        _users.c.status,
        _users.c.second_factor,
        _credentials.c.changed_at,
        _access,
    )
    .join_from(_users, _access, _access.c.id == _users.c.id)
    .join(_credentials, _credentials.c.user_id == _users.c.id)
    .where(_users.c.id == bindparam("user_id"))
    .suffix_with(text("FOR KEY SHARE OF users, credentials FOR SHARE OF access"))
)


async def admit(session: AsyncSession, user_id: UUID) -> Admitted:
    """The user who has just proved who it is, and its access: all as they will be at the commit.

    The user is locked first, as by whoever suspends it; the access as by `current_access`.
    What is due is reckoned before (`reckon_if_due`).
    """
    (row,) = await read_rows(session, _ADMITTED, {"user_id": user_id})
    holder = Holder(user_id, row.kind, row.status, _rights_of(row))
    return Admitted(holder, row.second_factor, row.changed_at)
