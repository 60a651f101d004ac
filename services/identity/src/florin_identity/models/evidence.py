"""What speaks for and against a sign-in by password: all of it read in one trip, as of one moment.

Tables, not mapped classes, are read: nobody is signed in yet, and the tenant filter would hide
every user.
"""

from collections.abc import Collection, Mapping
from datetime import UTC, datetime
from typing import Any, Final, NamedTuple
from uuid import UUID

from sqlalchemy import ARRAY, LargeBinary, any_, bindparam, func, literal, select
from sqlalchemy.ext.asyncio import AsyncSession

from florin_chassis.plain_reading import Rows, read_rows, read_rows_apart
from florin_contracts.identity import UserStatus
from florin_identity.models.allowed_addresses import AllowedAddresses
from florin_identity.models.attempts import Attempt, Budget, require_unlocked
from florin_identity.models.credential import Credential
from florin_identity.models.due_reckoning import DueReckoning
from florin_identity.models.known_address import KnownAddress
from florin_identity.models.user import User


class Login(NamedTuple):
    """What there is to check a password against, and from where it may be used.

    `is_due`: its access is to be reckoned before a token is issued to it.
    """

    user_id: UUID
    status: UserStatus
    password_hash: str
    password_since: datetime
    networks: list[str]
    is_due: bool

    @property
    def is_active(self) -> bool:
        """Whether its user may sign in at all."""
        return self.status is UserStatus.ACTIVE


class Evidence(NamedTuple):
    """`known_until`: of the address; `login`: none where there is none, or without a password.

    `locked_until` is of each budget of which anything is known.
    """

    known_until: datetime | None
    login: Login | None
    locked_until: Mapping[bytes, datetime | None]
    now: datetime

    def require_open(self, budgets: Collection[Budget]) -> None:
        """Raise `TooManyAttempts` if one of them is locked."""
        for budget in budgets:
            require_unlocked(budget.limit, self.locked_until.get(budget.key), self.now)


_users, _credentials = User.__table__.alias("u"), Credential.__table__.alias("c")
_places, _allowed = KnownAddress.__table__.alias("p"), AllowedAddresses.__table__.alias("n")
_attempts, _due = Attempt.__table__.alias("a"), DueReckoning.__table__.alias("d")
_one = select(literal(1).label("one")).subquery("one")
_logins = _users.join(_credentials, _credentials.c.user_id == _users.c.id)
_is_wanted = (_users.c.email == bindparam("email")) & (_users.c.status != UserStatus.LEFT)

# One row, or one for each budget that anything is known of; whatever is not there is null.
_EVIDENCE: Final = select(
    _places.c.forgotten_at,
    func.clock_timestamp().label("now"),
    _attempts.c.key,
    _attempts.c.locked_until,
    _users.c.id,
    _users.c.status,
    _credentials.c.password_hash,
    _credentials.c.changed_at,
    _allowed.c.networks,
    _due.c.user_id.is_not(None).label("is_due"),
).select_from(
    _one.outerjoin(_logins, _is_wanted)
    .outerjoin(_allowed, _allowed.c.user_id == _users.c.id)
    .outerjoin(_due, _due.c.user_id == _users.c.id)
    .outerjoin(_places, _places.c.key == bindparam("place"))
    .outerjoin(_attempts, _attempts.c.key == any_(bindparam("keys", type_=ARRAY(LargeBinary))))
)


async def find_evidence(
    session: AsyncSession, email: str, place: bytes, budgets: Collection[Budget]
) -> Evidence:
    """Locks no row, writes nothing; the same statement whether there is such a login or not."""
    rows = await read_rows(session, _EVIDENCE, _wanted(email, place, budgets))
    return _evidence_of(rows)


async def find_evidence_apart(
    session: AsyncSession, email: str, place: bytes, budgets: Collection[Budget]
) -> Evidence:
    """The same before hashing: that takes longer than any query, and no connection is held."""
    rows = await read_rows_apart(session, _EVIDENCE, _wanted(email, place, budgets))
    return _evidence_of(rows)


def _wanted(email: str, place: bytes, budgets: Collection[Budget]) -> dict[str, Any]:
    return {"email": email, "place": place, "keys": [budget.key for budget in budgets]}


def _evidence_of(rows: Rows) -> Evidence:
    known_until = rows[0].forgotten_at
    return Evidence(
        known_until if known_until and known_until > datetime.now(UTC) else None,
        _login_of(rows[0]),
        {row.key: row.locked_until for row in rows if row.key is not None},
        rows[0].now,
    )


def _login_of(row: Any) -> Login | None:
    if row.id is None:
        return None
    networks = row.networks or []
    return Login(row.id, row.status, row.password_hash, row.changed_at, networks, row.is_due)
