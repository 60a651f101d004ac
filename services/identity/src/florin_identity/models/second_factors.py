"""Second factors as a whole: which a user has, and whether an answer proves one of them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar, Final, NamedTuple
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession
from webauthn import base64url_to_bytes

from florin_chassis.errors import Quota, Unauthenticated
from florin_chassis.transaction import Transaction
from florin_identity.models.attempts import (
    Budget,
    Limit,
    count_failure,
    count_success,
    require_open,
)
from florin_identity.models.authenticator import confirmed_authenticators, use_code
from florin_identity.models.challenge import Purpose, begin_challenge
from florin_identity.models.passkey import Passkey, find_passkey, passkeys_of
from florin_identity.models.proof import Method
from florin_identity.models.recovery_code import count_recovery_codes, use_recovery_code
from florin_identity.models.relying_party import PasskeyRefused, RelyingParty
from florin_identity.models.security_log import SecurityAct, note
from florin_identity.settings import Settings

_WINDOW_S: Final = 900


class WrongSecondFactor(Unauthenticated):
    """The code is wrong or was used before, or the passkey is none of the user's."""

    code = "wrong_second_factor"
    keeps: ClassVar = True


@dataclass(frozen=True, slots=True)
class Code:
    """Six digits of an authenticator app."""

    code: str
    kind: ClassVar = "totp"


@dataclass(frozen=True, slots=True)
class Recovery:
    """A recovery code."""

    code: str
    kind: ClassVar = "recovery_code"


@dataclass(frozen=True, slots=True)
class Assertion:
    """What a passkey's authenticator signed, as a browser gives it in JSON."""

    credential: Mapping[str, Any]
    kind: ClassVar = "passkey"


Answer = Code | Recovery | Assertion


class Factor(NamedTuple):
    """A second factor as its owner sees it."""

    id: UUID
    kind: str
    name: str
    created_at: datetime
    last_used_at: datetime | None


class Asked(NamedTuple):
    """What a user has to answer: by one of these kinds of factor, and soon."""

    challenge: str
    factors: list[str]
    expires_in: int
    passkey: dict[str, Any] | None


class SecondFactors:
    """Asks for them and checks answers; it holds the key that secrets are sealed with."""

    def __init__(self, settings: Settings) -> None:
        self.key = settings.key_encryption_key
        self.relying_party = RelyingParty(
            settings.passkey_domain, settings.sign_in_name, settings.passkey_pages
        )
        quota = Quota("second-factor", settings.second_factor_failures_max, _WINDOW_S)
        self._limit = Limit(quota, settings.sign_in_lock_s, settings.sign_in_lock_s_max)

    async def ask(
        self, session: AsyncSession, purpose: Purpose, user_id: UUID, session_id: UUID | None = None
    ) -> Asked:
        """Begin a challenge that any factor of the user's answers."""
        begun = await begin_challenge(session, purpose, user_id, session_id)
        kinds = {factor.kind for factor in await find_factors(session, user_id)}
        if await count_recovery_codes(session, user_id):
            kinds.add(Recovery.kind)
        passkeys = await passkeys_of(session, user_id)
        options = self.relying_party.request_options(begun.challenge, passkeys, verified=False)
        return Asked(
            begun.challenge, sorted(kinds), begun.expires_in, options if passkeys else None
        )

    async def prove(
        self, transaction: Transaction, user_id: UUID, answer: Answer, challenge: str
    ) -> set[Method]:
        """What the answer proves; it will not do so again.

        Raises `WrongSecondFactor`, or `TooManyAttempts` where it was wrong too often, wherever
        that was: both are to be raised out of the transaction, which keeps what was counted.
        """
        session, budget = transaction.session, Budget(self._limit, str(user_id))
        await require_open(session, budget)
        try:
            methods = await self._methods_of(session, user_id, answer, challenge)
        except WrongSecondFactor as refusal:
            details = {"kind": answer.kind, "why": refusal.detail}
            note(transaction, SecurityAct.FACTOR_FAILED, user_id, **details)
            for locked in await count_failure(session, budget):
                quota = locked.limit.quota.name
                note(transaction, SecurityAct.SIGN_IN_LOCKED_OUT, user_id, quota=quota)
            raise
        await count_success(session, budget)
        return methods

    async def _methods_of(
        self, session: AsyncSession, user_id: UUID, answer: Answer, challenge: str
    ) -> set[Method]:
        if isinstance(answer, Assertion):
            _, methods = await self.assert_passkey(session, answer, challenge, user_id)
            return methods
        if isinstance(answer, Code):
            right = await self._prove_code(session, user_id, answer.code)
        else:
            right = await use_recovery_code(session, user_id, answer.code)
        if not right:
            raise WrongSecondFactor("this is not one of your second factors, or was used before")
        return {Method.ONE_TIME_CODE}

    async def _prove_code(self, session: AsyncSession, user_id: UUID, code: str) -> bool:
        for authenticator in await confirmed_authenticators(session, user_id):
            if await use_code(session, authenticator, authenticator.steps_of(code, self.key)):
                return True
        return False

    async def assert_passkey(
        self, session: AsyncSession, answer: Assertion, challenge: str, user_id: UUID | None = None
    ) -> tuple[Passkey, set[Method]]:
        """The passkey that signed the challenge, and what that proves.

        Without a `user_id` it signs in by itself: its authenticator must have made sure who holds
        it, and names the user. Raises `WrongSecondFactor`.
        """
        passkey = await find_passkey(session, credential_of(answer))
        if passkey is None or user_id not in {None, passkey.user_id}:
            raise WrongSecondFactor("this passkey is none of the user's")
        try:
            said = self.relying_party.asserted(
                challenge, answer.credential, passkey, verified=user_id is None
            )
        except PasskeyRefused as refusal:
            raise WrongSecondFactor(refusal.detail) from refusal
        if user_id is None and not _names(answer, passkey.user_id):
            raise WrongSecondFactor("this passkey is of another user")
        if not passkey.counts_on(said.new_sign_count):
            raise WrongSecondFactor("this passkey's counter went back: it has been copied")
        return passkey, passkey.proves(verified=said.user_verified)


def credential_of(answer: Assertion) -> bytes:
    """The id of the passkey that is said to have signed."""
    return base64url_to_bytes(answer.credential["id"])


def _names(answer: Assertion, user_id: UUID) -> bool:
    handle = answer.credential["response"].get("userHandle")
    return handle is not None and base64url_to_bytes(handle) == user_id.bytes


async def find_factors(session: AsyncSession, user_id: UUID) -> list[Factor]:
    """The user's second factors, oldest first."""
    found: list[Factor] = [
        Factor(a.id, Code.kind, a.name, a.created_at, a.last_used_at)
        for a in await confirmed_authenticators(session, user_id)
    ]
    found += [
        Factor(p.id, Assertion.kind, p.name, p.created_at, p.last_used_at)
        for p in await passkeys_of(session, user_id)
    ]
    return sorted(found, key=lambda factor: factor.id)
