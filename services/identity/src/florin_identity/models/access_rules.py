"""The rules by which access is reckoned; by those that a release changes, everybody is."""

import hashlib
import json
from typing import Final
from uuid import UUID

from sqlalchemy import BigInteger, ColumnElement, Identity, Text, exists, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, aliased, mapped_column

from florin_contracts.permissions import (
    ADMINISTRATOR_PERMISSIONS,
    CLIENT_ROLES,
    SECTIONS,
)
from florin_contracts.tokens import CATALOGUE
from florin_identity.models.base import Base

_RECKONED_AS: Final = 1
"""Changes when `Grounds` gives other rights from the same words."""


class AccessRules(Base):
    """The rules of a release; those that came last count.

    `marked_to` is how far users were marked to be reckoned by them, in the order of their ids;
    `complete` that all were.
    """

    __tablename__ = "access_rules"

    number: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    fingerprint: Mapped[str] = mapped_column(Text, unique=True)
    marked_to: Mapped[UUID | None]
    complete: Mapped[bool]


def fingerprint() -> str:
    """Of the rules of this release: another release's is another if anything changed."""
    words = {
        "catalogue": CATALOGUE,
        "administrator": sorted(ADMINISTRATOR_PERMISSIONS),
        "sections": {name: sorted(given) for name, given in sorted(SECTIONS.items())},
        "roles": {name: sorted(given) for name, given in sorted(CLIENT_ROLES.items())},
        "reckoned_as": _RECKONED_AS,
    }
    return hashlib.sha256(json.dumps(words).encode()).hexdigest()


def outdated() -> ColumnElement[bool]:
    """Whether a later release has brought other rules than this process reckons by."""
    later, ours = aliased(AccessRules), aliased(AccessRules)
    wanted = ours.fingerprint == fingerprint()
    return exists(select(later.number).join(ours, later.number > ours.number).where(wanted))


async def newest_rules(session: AsyncSession) -> AccessRules | None:
    """The rules that count, locked."""
    newest = select(AccessRules).order_by(AccessRules.number.desc()).limit(1)
    found: AccessRules | None = await session.scalar(newest.with_for_update())
    return found
