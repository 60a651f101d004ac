"""Whether email and password go together: counted, noted, and telling nothing but the answer."""

from collections.abc import Sequence
from typing import Final, NamedTuple
from uuid import UUID

from florin_chassis.errors import Quota
from florin_chassis.origin import network_of
from florin_chassis.transaction import Transaction
from florin_identity.models.allowed_addresses import comes_from_one_of
from florin_identity.models.attempts import Budget, Limit, count_failure, digest, forgive
from florin_identity.models.credential import WrongCredentials
from florin_identity.models.evidence import Login, find_evidence, find_evidence_apart
from florin_identity.models.known_address import place_of, remember_address
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
        place, every = place_of(email, network), self._budgets(email, network)
        before = await find_evidence_apart(session, email, place, every)
        budgets = every.of(known=before.known_until is not None)
        before.require_open(budgets)
        right = await self._right(before.login, password)
        login = right and await self._still_open(transaction, email, place, budgets, right)
        if login is None:
            await self._fail(transaction, budgets, email, before.login and before.login.user_id)
            raise WrongCredentials("email and password do not go together")
        await remember_address(session, place, before.known_until)
        return login

    async def _right(self, login: Login | None, password: str) -> Login | None:
        is_its = await self.hasher.verify(password, login.password_hash if login else None)
        return login if is_its and login is not None and login.is_active else None

    async def _still_open(
        self,
        transaction: Transaction,
        email: str,
        place: bytes,
        budgets: Sequence[Budget],
        right: Login,
    ) -> Login | None:
        """The login whose password was right, if it is open after hashing; forgives its failures.

        Whether the password is still its own is seen under the lock of whoever asks. From elsewhere
        than its user allows, nobody is told that the password was right.
        """
        now = await find_evidence(transaction.session, email, place, budgets)
        login = now.login
        if login is None or not login.is_active:
            return None
        if not comes_from_one_of(login.networks, transaction, login.user_id):
            return None
        now.require_open(budgets)
        if budgets[0].key in now.locked_until:
            await forgive(transaction.session, budgets[0])
        return right._replace(is_due=login.is_due)

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
