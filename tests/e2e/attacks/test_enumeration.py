"""Nobody finds out which logins exist: not by what is answered, and not by how long that takes."""

import statistics
import time
from collections.abc import Callable
from uuid import uuid4

import httpx
from tests.e2e.answers import problem, write
from tests.e2e.attacks.conftest import From
from tests.e2e.people import Newcomer

from florin_local.demo.tale import Tale, new_password

SAMPLES = 48
PER_ADDRESS = 8
"""Below what locks a login from an address."""


def told(answer: httpx.Response) -> tuple[int, str, set[str]]:
    """What an answer tells: its status, its body and which headers it has."""
    return answer.status_code, answer.text, {name.lower() for name in answer.headers}


def sign_in(http: httpx.Client, email: str) -> httpx.Response:
    return http.post("/sessions", json={"email": email, "password": new_password()})


def ask_reset(http: httpx.Client, email: str) -> httpx.Response:
    return http.post("/password-resets", json={"email": email})


def test_sign_in_and_reset_answer_the_same_for_everybody(
    victim: Newcomer, tale: Tale, asked_from: From
) -> None:
    http, known, unknown = asked_from("127.0.5.1"), victim.person.email, tale.email("nobody")
    for ask, status in ((sign_in, 401), (ask_reset, 202)):
        first, second = ask(http, known), ask(http, unknown)
        assert told(first) == told(second)
        assert first.status_code == status


def test_an_address_that_another_has_can_be_asked_for_and_nothing_is_told(
    http: httpx.Client, victim: Newcomer, tale: Tale
) -> None:
    token = tale.client.token()
    answers = [
        write(
            http,
            token,
            "/email-changes",
            json={"email": email, "password": tale.client.password},
        )
        for email in (victim.person.email, tale.email("free"))
    ]
    assert told(answers[0])[:2] == told(answers[1])[:2]
    assert answers[0].status_code == 202


def test_a_link_that_never_was_is_refused_as_one_that_is_over(http: httpx.Client) -> None:
    answers = [
        http.post("/invitations/accept", json={"token": token, "password": new_password()})
        for token in ("A" * 43, "B" * 43, "C" * 43)
    ]
    assert len({told(answer)[:2] for answer in answers}) == 1


def test_who_begins_with_a_passkey_learns_of_nobody(http: httpx.Client) -> None:
    options = http.post("/sessions/passkey/options").json()["options"]
    assert not options.get("allowCredentials")


def test_registration_tells_of_ten_addresses_and_no_more(
    tale: Tale, victim: Newcomer, asked_from: From
) -> None:
    """Whoever wants an address is told that it is taken; nobody goes through a list so."""
    http = asked_from("127.0.6.1")
    body = {
        "name": "Curious",
        "email": victim.person.email,
        "password": new_password(),
        "provider_id": tale.providers["N-1"]["id"],
        "country": "RU",
    }

    def register() -> int:
        key = {"Idempotency-Key": str(uuid4())}
        return http.post("/registrations", json=body, headers=key).status_code

    assert [register() for _ in range(11)] == [409] * 10 + [429]


def test_the_time_of_a_refused_sign_in_tells_nothing(
    victim: Newcomer, tale: Tale, asked_from: From
) -> None:
    known = [victim.person.email, tale.client.email, tale.administrator.email]
    unknown = [tale.email(f"nowhere-{n}") for n in range(3)]
    _expect_the_same_times(asked_from, sign_in, known, unknown)


def test_the_time_of_a_reset_that_is_asked_for_tells_nothing(
    victim: Newcomer, tale: Tale, asked_from: From
) -> None:
    known, unknown = [victim.person.email], [tale.email("nowhere-4")]
    _expect_the_same_times(asked_from, ask_reset, known, unknown)


def _expect_the_same_times(
    asked_from: From,
    ask: Callable[[httpx.Client, str], httpx.Response],
    known: list[str],
    unknown: list[str],
) -> None:
    """Of two samples taken in turns, neither is mostly the slower one, nor slower by much.

    The share of pairs in which a known login took longer (Mann and Whitney's U) is a half if the
    two are alike, give or take 0.06 for so many samples; outliers of a busy machine weigh nothing.
    """
    times: dict[str, list[float]] = {"known": [], "unknown": []}
    for n in range(SAMPLES):
        if n % PER_ADDRESS == 0:
            http = asked_from(f"127.0.7.{n + 1}")
            ask(http, unknown[0] + ".warm")
        kinds = [("known", known), ("unknown", unknown)]
        for kind, emails in kinds[:: 1 if n % 2 else -1]:
            started = time.perf_counter()
            ask(http, emails[n % len(emails)])
            times[kind].append(time.perf_counter() - started)
    slower = [k > u for k in times["known"] for u in times["unknown"]]
    assert 0.25 < statistics.fmean(slower) < 0.75
    medians = [statistics.median(times[kind]) for kind in ("known", "unknown")]
    assert 0.7 < medians[0] / medians[1] < 1.4


def test_nothing_more_is_told_by_a_lock(victim: Newcomer, tale: Tale, asked_from: From) -> None:
    http = asked_from("127.0.8.1")
    answers = []
    for email in (victim.person.email, tale.email("never-there")):
        for _ in range(10):
            sign_in(http, email)
        answers.append(sign_in(http, email))
    for answer in answers:
        problem(answer, 429, "too_many_attempts")
    assert answers[0].json()["detail"] == answers[1].json()["detail"]
