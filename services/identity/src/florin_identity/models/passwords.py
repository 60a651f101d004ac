"""Passwords: which are strong enough, and how they are hashed without holding anybody up."""

import asyncio
import os
import re
import secrets
import sys
import unicodedata
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Final, TypeVar

from argon2 import PasswordHasher
from nacl.exceptions import InvalidkeyError
from nacl.pwhash import argon2id
from zxcvbn_rs_py import zxcvbn

from florin_chassis.errors import Malformed, Unavailable

T = TypeVar("T")

LENGTH_MIN: Final = 12
LENGTH_MAX: Final = 1_000
_GUESSES_LOG10_MIN: Final = 8
"""What is guessed within 10^8 attempts is weak: zxcvbn's score of 3 begins there."""

_JUDGED: Final = 20
"""Characters that are looked at: hostile ones take zxcvbn exponentially longer."""

_WORD: Final = re.compile(r"\w{3,}")
ARGON2ID: Final = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
"""19 MiB, two passes, one lane. Source: OWASP Password Storage Cheat Sheet, argon2id."""


def require_strong(password: str, *known: str) -> None:
    """Raise `Malformed` unless the password is long enough and not among the first to be guessed.

    Those are what has leaked most often, words, names, dates and patterns on a keyboard, and what
    is `known` of the user: its address and name. Nothing has to be mixed in, and it may be of any
    script. Source: NIST SP 800-63B, section 3.1.1.2.
    """
    normal = _normal(password)
    if not LENGTH_MIN <= len(normal) <= LENGTH_MAX:
        raise _weak(f"must have {LENGTH_MIN} to {LENGTH_MAX} characters")
    words = _words(known)
    if normal.casefold().strip() in words:
        raise _weak("must not be the email or the name")
    if zxcvbn(normal[:_JUDGED], words).guesses_log10 < _GUESSES_LOG10_MIN:
        raise _weak("is easy to guess, or begins as what is easy to guess")


def _words(known: tuple[str, ...]) -> list[str]:
    """All of it, and each word of it, as they are looked for in a password."""
    whole = [_normal(text).casefold().strip() for text in known]
    return [*whole, *(word for text in whole for word in _WORD.findall(text)), "florin"]


def _weak(reason: str) -> Malformed:
    return Malformed.field("password", reason, "weak_password")


class Hasher:
    """Hashes and verifies in threads of its own, so that the event loop goes on answering others.

    Raises `Unavailable` when `waiting_max` are waiting: a storm of sign-ins ends in refusals, not
    in memory.
    """

    def __init__(self, threads: int, waiting_max: int, argon2: PasswordHasher = ARGON2ID) -> None:
        self._pool = ThreadPoolExecutor(threads, "argon2", initializer=_step_back)
        self._waiting, self._waiting_max = 0, waiting_max
        self._argon2 = argon2
        self._nobodys = argon2.hash(secrets.token_urlsafe())

    async def hash(self, password: str) -> str:
        """The PHC string to keep."""
        return await self._in_thread(lambda: self._argon2.hash(_normal(password)))

    async def verify(self, password: str, password_hash: str | None) -> bool:
        """Whether it is the hash's password; for `None`, an unknown login, never, but as slowly."""
        right = await self._in_thread(
            lambda: _is_of(password_hash or self._nobodys, _normal(password))
        )
        return right and password_hash is not None

    def is_outdated(self, password_hash: str) -> bool:
        """Whether the hash was made with other parameters than today's."""
        return self._argon2.check_needs_rehash(password_hash)

    async def _in_thread(self, work: Callable[[], T]) -> T:
        if self._waiting >= self._waiting_max:
            raise Unavailable("too many are signing in at once")
        self._waiting += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._pool, work)
        finally:
            self._waiting -= 1


def _is_of(password_hash: str, password: str) -> bool:
    # libsodium, with AVX-512 or AVX2 where there is one; argon2-cffi, which makes the hashes and
    # knows their parameters, is built for what every processor has.
    try:
        return argon2id.verify(password_hash.encode(), password.encode())
    except InvalidkeyError:
        return False


def _normal(password: str) -> str:
    """The same password from every keyboard. Source: NIST SP 800-63B, section 5.1.1.2."""
    return unicodedata.normalize("NFKC", password)


def _step_back() -> None:
    """Let the event loop run first. On Linux, and there only, niceness is a thread's own."""
    if sys.platform == "linux":
        os.nice(10)
