"""There is an administrator who can sign in and act, whatever two of them do to each other at once.

Providers decides who is one, identity who signs in: here both are real, with events between them.
"""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from threading import Barrier

import httpx
import pytest
from tests.e2e.answers import read, write
from tests.e2e.attacks.staff import employee

from florin_local.demo.api import Json, Person
from florin_local.demo.checks import expect, until
from florin_local.demo.tale import Tale

Pair = list[tuple[Person, str]]
_NUMBERS = count()


@pytest.fixture
def two(http: httpx.Client, tale: Tale) -> Iterator[Pair]:
    """The only administrators for a while, who can act; the one of the story is suspended."""
    pair: Pair = []
    for name in ("one", "other"):
        person, invited = employee(tale, f"{name}-{next(_NUMBERS)}", [])
        headers = {"Authorization": f"Bearer {tale.administrator.token()}"}
        body = {"administrator": True}
        made = http.patch(f"/employees/{invited['id']}", json=body, headers=headers)
        expect("made an administrator", made.status_code, 200)
        pair.append((person, invited["id"]))
    for person, _ in pair:
        until(lambda person=person: _acts(http, person))  # type: ignore[misc]
    story = tale.administrator.get("/me")["user_id"]
    (first, _), _other = pair
    path = f"/employees/{story}"
    until(lambda: expect("joined", _status(http, first, "/employees", pair), {"active"}))
    expect("suspended", write(http, first.token(), f"{path}/suspend").status_code, 200)
    yield pair
    survivor = next(person for person, _ in pair if _can_act(http, person))
    expect("resumed", write(http, survivor.token(), f"{path}/resume").status_code, 200)
    until(lambda: _acts(http, tale.administrator))
    tale.administrator.sign_in()  # the token of before has ended with the suspension
    for _, id_ in pair:  # whoever comes next finds one administrator again
        write(http, tale.administrator.token(), f"/employees/{id_}/end")
    until(lambda: expect("one is left", _administrators(tale), [story]))


@pytest.mark.parametrize("how", ["suspend", "end", "demote"])
def test_of_two_administrators_who_end_each_other_at_once_one_stays_and_acts(
    http: httpx.Client, two: Pair, how: str
) -> None:
    for person, _ in two:
        person.token()
    start = Barrier(2)

    def take_away(by: Person, id_: str) -> int:
        start.wait()
        path = f"/employees/{id_}"
        if how != "demote":
            return write(http, by.token(), f"{path}/{how}").status_code
        headers = {"Authorization": f"Bearer {by.token()}"}
        return http.patch(path, json={"administrator": False}, headers=headers).status_code

    with ThreadPoolExecutor(2) as threads:
        (one, one_id), (other, other_id) = two
        asked = [threads.submit(take_away, one, other_id), threads.submit(take_away, other, one_id)]
        statuses = sorted(each.result() for each in asked)
    assert statuses[0] == 200
    assert statuses[1] in {401, 403, 409}, statuses
    able = until(lambda: _exactly_one(http, two))
    assert able.sign_in()
    assert read(http, able.token(), "/employees").status_code == 200


def test_none_shuts_itself_out_while_the_other_is_suspended(http: httpx.Client, two: Pair) -> None:
    """Identity alone would count the other, of whose suspension it has yet to hear."""
    (one, _), (_, other_id) = two
    away = {"networks": ["203.0.113.0/24"], "without_present_address": True}
    one.sign_in()
    headers = {"Authorization": f"Bearer {one.token()}"}
    start = Barrier(2)

    def suspend() -> int:
        start.wait()
        return write(http, one.token(), f"/employees/{other_id}/suspend").status_code

    def shut_out() -> httpx.Response:
        start.wait()
        return http.put("/me/allowed-addresses", json=away, headers=headers)

    with ThreadPoolExecutor(2) as threads:
        suspended, shut = threads.submit(suspend), threads.submit(shut_out)
        assert suspended.result() == 200
        answer = shut.result()
    assert (answer.status_code, answer.json()["code"]) == (409, "administrator_shut_out")
    assert one.sign_in()
    assert read(http, one.token(), "/employees").status_code == 200


def _administrators(tale: Tale) -> list[str]:
    everybody = tale.administrator.list("/employees")
    return [e["id"] for e in everybody if e["administrator"] and e["status"] != "ended"]


def _status(http: httpx.Client, by: Person, path: str, pair: Pair) -> set[str]:
    ids = {id_ for _, id_ in pair}
    found: list[Json] = read(http, by.token(), path).json()["data"]
    return {one["status"] for one in found if one["id"] in ids}


def _can_act(http: httpx.Client, person: Person) -> bool:
    """Whether it signs in anew, and is let do what administrators do."""
    credentials = {"email": person.email, "password": person.password}
    answer = http.post("/sessions", json=credentials)
    if answer.status_code != httpx.codes.CREATED:
        return False
    return read(http, answer.json()["access_token"], "/employees").status_code == httpx.codes.OK


def _acts(http: httpx.Client, person: Person) -> None:
    expect("can act", _can_act(http, person), True)


def _exactly_one(http: httpx.Client, two: Pair) -> Person:
    able = [person for person, _ in two if _can_act(http, person)]
    expect("how many can act", len(able), 1)
    return able[0]
