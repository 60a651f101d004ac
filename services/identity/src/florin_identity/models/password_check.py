"""Whether email and password go together: counted, noted, and telling nothing but the answer."""

from typing import Final, NamedTuple
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from florin_chassis.errors import Quota
from florin_chassis.origin import network_of
from florin_chassis.transaction import Transaction
from florin_contracts.identity import UserStatus
from florin_identity.models.allowed_addresses import may_come_from_here
from florin_identity.models.attempts import (
    Budget,
    Limit,
    count_failure,
    count_success,
    digest,
    require_open,
)
from florin_identity.models.credential import Login, WrongCredentials, find_login
from florin_identity.models.known_address import known_until, remember_address
from florin_identity.models.passwords import Hasher
from florin_identity.models.security_log import SecurityAct, note
from florin_identity.settings import Settings

_WINDOW_S: Final = 900
_WINDOW_S_PER_LOGIN: Final = 3_600


class _Budgets(NamedTuple):
    """What this attempt may use up, of one login from one address."""

    pair: Budget
    address: Budget
    login: Budget

    def of(self, *, known: bool) -> tuple[Budget, ...]:
        """All; where the login was signed in from before, what others do does not count.

        A success forgives the first of them.
        """
        return self[:2] if known else self


class PasswordCheck:
    """Verifies passwords under three limits: per login and address, per address, per login.

    Unknown logins take the same way, statement by statement: they are hashed for, counted, locked
    and noted like any other.
    """

    def __init__(self, settings: Settings, hasher: Hasher) -> None:
        self.hasher = hasher
        self._settings = settings
        self._pair = self._limit("login-address", settings.sign_in_failures_max)
        self._address = self._limit("address", settings.sign_in_failures_max_per_address)
        per_login = settings.sign_in_failures_max_per_login
        self._login = self._limit("login", per_login, _WINDOW_S_PER_LOGIN)

    async def login_of(self, transaction: Transaction, email: str, password: str) -> Login:
        """The login whose password it is; raises `WrongCredentials` or `TooManyAttempts`.

        Both are to be raised out of the transaction, which keeps what was counted.
        """
        session, network = transaction.session, network_of(transaction.origin.address)
        known = await known_until(session, email, network)
        budgets = self._budgets(email, network).of(known=known is not None)
        await require_open(session, *budgets)
        login = await find_login(session, email)
        right = await self._is_right(session, login, password)
        # From elsewhere than the user allows, nobody is told that the password was right.
        if right and login and await may_come_from_here(transaction, login.user_id):
            await count_success(session, *budgets)
            await remember_address(session, email, network, known)
            return login
        await self._fail(transaction, budgets, email, login and login.user_id)
        raise WrongCredentials("email and password do not go together")

    async def _is_right(self, session: AsyncSession, login: Login | None, password: str) -> bool:
        await session.rollback()  # gives the connection back: hashing takes longer than any query
        right = await self.hasher.verify(password, login.password_hash if login else None)
        return right and login is not None and login.status is UserStatus.ACTIVE

    async def _fail(
        self,
        transaction: Transaction,
        budgets: tuple[Budget, ...],
        email: str,
        user_id: UUID | None,
    ) -> None:
        """Count and note. What was typed may be a password in the wrong field: it is digested."""
        typed = digest("login", email).hex()[:16]
        locked = await count_failure(transaction.session, *budgets)
        note(transaction, SecurityAct.SIGN_IN_FAILED, user_id, login=typed)
        for budget in locked:
            quota = budget.limit.quota.name
            note(transaction, SecurityAct.SIGN_IN_LOCKED_OUT, user_id, login=typed, quota=quota)

    def _budgets(self, email: str, network: str) -> _Budgets:
        return _Budgets(
            Budget(self._pair, email, network),
            Budget(self._address, network),
            Budget(self._login, email),
        )

    def _limit(self, name: str, count: int, window_s: int = _WINDOW_S) -> Limit:
        quota = Quota(f"sign-in-{name}", count, window_s)
        return Limit(quota, self._settings.sign_in_lock_s, self._settings.sign_in_lock_s_max)
