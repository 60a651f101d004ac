"""Which passwords are strong enough, and how they are hashed."""

import asyncio
import time

import pytest
from argon2 import PasswordHasher, extract_parameters
from argon2.low_level import Type

from florin_chassis.errors import Malformed, Unavailable
from florin_identity.models.passwords import ARGON2ID, Hasher, require_strong

QUICK = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
PASSWORD = "correct horse battery staple"


def test_hashes_are_made_with_the_parameters_that_owasp_asks_for() -> None:
    parameters = extract_parameters(ARGON2ID.hash(PASSWORD))
    assert (parameters.type, parameters.memory_cost) == (Type.ID, 19_456)
    assert (parameters.time_cost, parameters.parallelism) == (2, 1)


@pytest.mark.parametrize(
    "password", ["", "eleven char", "x" * 1_001, "VEGA@hosting.example.com", "Vega Hosting LLC "]
)
def test_a_password_that_is_short_endless_or_known_to_everyone_is_refused(password: str) -> None:
    with pytest.raises(Malformed) as refused:
        require_strong(password, "vega@hosting.example.com", "Vega Hosting LLC")
    assert refused.value.extra["errors"][0]["field"] == "password"
    assert not password or password not in str(refused.value.problem())


def test_twelve_characters_are_enough() -> None:
    require_strong("twelve chars", "vega@example.com", "Vega")


@pytest.mark.parametrize(
    "password",
    [
        "iloveyou1234",
        "P@ssw0rd1234",
        "qwertyuiop123",
        "1234567890123456",
        "abcabcabcabc",
        "aaaaaaaaaaaaaaaaaaaa, and then something that is not",
        "vega hosting",
        "florinflorin",
        "ｑｗｅｒｔｙｕｉｏｐ１２３",  # noqa: RUF001 - full width, as some keyboards have it
    ],
)
def test_what_is_guessed_first_is_refused_however_it_is_dressed_up(password: str) -> None:
    with pytest.raises(Malformed) as refused:
        require_strong(password, "vega@hosting.example.com", "Vega Hosting LLC")
    assert refused.value.extra["errors"][0]["code"] == "weak_password"
    assert password not in str(refused.value.problem())


@pytest.mark.parametrize(
    "password",
    [
        "correct horse battery staple",
        "x7Gq9!mZ2#pL",
        "мой дядя самых честных правил",
        "十二文字以上の長い合言葉です",
        "x7Gq9!mZ2#pLwR" + "aZ4!" * 240,
    ],
)
def test_a_long_password_of_any_script_is_good(password: str) -> None:
    require_strong(password, "vega@hosting.example.com", "Vega Hosting LLC")


def test_length_is_counted_in_characters_after_normalisation() -> None:
    with pytest.raises(Malformed):
        require_strong("e\u0301" * 8)  # sixteen code points, eight letters
    with pytest.raises(Malformed):
        require_strong("\ufdfa" * 100)  # one hundred that stand for eighteen hundred


def test_no_password_takes_long_to_judge() -> None:
    started = time.process_time()
    for length in (40, 200, 1_000):
        require_strong(("4@8({[<369&#!1/|0$5+7%2" * 50)[:length])
    assert time.process_time() - started < 1  # seconds; without the bound it never ends


async def test_only_the_password_of_a_hash_is_right() -> None:
    hasher = Hasher(1, 10, QUICK)
    kept = await hasher.hash(PASSWORD)
    assert await hasher.verify(PASSWORD, kept)
    assert not await hasher.verify(PASSWORD + " ", kept)


async def test_nothing_is_right_for_an_unknown_login() -> None:
    hasher = Hasher(1, 10, QUICK)
    assert not await hasher.verify(PASSWORD, None)


async def test_a_password_is_the_same_however_its_letters_are_composed() -> None:
    hasher = Hasher(1, 10, QUICK)
    assert await hasher.verify("cafe\u0301 au lait crème", await hasher.hash("café au lait crème"))


async def test_a_hash_of_other_parameters_is_outdated() -> None:
    old, present = Hasher(1, 10, QUICK), Hasher(1, 10)
    assert present.is_outdated(await old.hash(PASSWORD))
    assert not present.is_outdated(await present.hash(PASSWORD))


async def test_the_event_loop_goes_on_while_a_password_is_hashed() -> None:
    hashing = asyncio.ensure_future(Hasher(1, 10).hash(PASSWORD))
    turns = 0
    while not hashing.done():
        await asyncio.sleep(0)
        turns += 1
    assert turns > 20


async def test_more_than_may_wait_are_told_to_come_back_later() -> None:
    hasher = Hasher(1, 2)
    attempts = [hasher.verify(PASSWORD, None) for _ in range(5)]
    outcomes = await asyncio.gather(*attempts, return_exceptions=True)
    assert outcomes[:2] == [False, False]
    assert all(isinstance(outcome, Unavailable) for outcome in outcomes[2:])
    assert await hasher.verify(PASSWORD, None) is False
