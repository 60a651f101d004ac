"""`GET /sessions`, and who may end which."""

from typing import Any
from uuid import UUID

import pytest
from services.identity.tests.making import registered, sign_in, working

from florin_chassis.ids import new_id
from florin_chassis.testing.harness import Harness
from florin_contracts.identity import SessionEnded
from florin_contracts.permissions import CLIENT_ROLES, ClientRole, Permission

AGENT = {"User-Agent": "Mozilla/5.0 (test)"}
BOTH = (Permission.SESSIONS_READ, Permission.SESSIONS_END)


class Place:
    """A client's user and its session, and headers of whoever looks at it."""

    def __init__(self, identity: Harness, user: dict[str, Any], session: dict[str, Any]) -> None:
        self.identity = identity
        self.client_id = UUID(user["client_id"])
        self.user_id, self.id = session["user_id"], session["session_id"]
        self.session = session

    @property
    def own(self) -> dict[str, str]:
        return self.as_user()

    def as_user(self, *permissions: str, **claims: Any) -> dict[str, str]:
        given = {"sub": self.user_id, "sid": self.id, "amr": ["pwd"]} | claims
        return self.identity.signed_in(*permissions, **given)

    async def seen(self, headers: dict[str, str], query: str = "") -> list[str]:
        answer = await self.identity.http.get(f"/sessions{query}", headers=headers)
        assert answer.status_code == 200, answer.text
        return [row["id"] for row in answer.json()["data"]]

    async def end(self, headers: dict[str, str]) -> int:
        url = f"/sessions/{self.id}"
        return (await self.identity.http.delete(url, headers=headers)).status_code


@pytest.fixture
async def place(identity: Harness) -> Place:
    made = await registered(identity)
    return Place(identity, made | made["user"], (await sign_in(identity)).json())


async def test_a_user_sees_where_it_is_signed_in(identity: Harness, place: Place) -> None:
    body = {"email": "vega@example.com", "password": "correct horse battery staple"}
    other = (await identity.http.post("/sessions", json=body, headers=AGENT)).json()
    page = (await identity.http.get("/sessions", headers=place.own)).json()
    here, there = page["data"]
    assert (here["id"], here["current"], here["amr"]) == (place.id, True, ["pwd"])
    assert (there["id"], there["current"]) == (other["session_id"], False)
    assert there["agent"] == AGENT["User-Agent"]
    assert there["address"]
    assert there["used_at"] == there["started_at"]


async def test_signing_out_ends_the_session_that_asks(identity: Harness, place: Place) -> None:
    answer = await identity.http.delete("/sessions/current", headers=place.own)
    assert (answer.status_code, answer.content) == (204, b"")
    (ended,) = await identity.stated(SessionEnded)
    assert (ended["data"]["id"], ended["data"]["end_cause"]) == (place.id, "signed_out")
    assert ended["envelope"]["actor"] == f"user/{place.user_id}"
    body = {"refresh_token": place.session["refresh_token"]}
    assert (await identity.http.post("/sessions/refresh", json=body)).status_code == 401
    assert await place.seen(place.own) == []
    assert (await identity.http.delete("/sessions/current", headers=place.own)).status_code == 404


async def test_a_key_or_an_impersonation_signs_nobody_out(identity: Harness, place: Place) -> None:
    acting = {"act": {"sub": place.user_id}, "onbehalfof": f"client/{place.client_id}"}
    for headers in (place.as_user(amr=None), place.as_user(**acting)):
        answer = await identity.http.delete("/sessions/current", headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (403, "not_in_person")


async def test_its_owner_ends_a_session(place: Place) -> None:
    assert [await place.end(place.own), await place.end(place.own)] == [204, 404]


async def test_the_clients_owner_sees_and_ends_the_sessions_of_its_users(
    identity: Harness, place: Place
) -> None:
    owner = identity.signed_in(*CLIENT_ROLES[ClientRole.OWNER], reach={"client": [place.client_id]})
    assert await place.seen(owner) == [place.id]
    assert await place.seen(owner, f"?user_id={new_id()}") == []
    assert await place.end(owner) == 204
    (ended,) = await identity.stated(SessionEnded)
    assert ended["data"]["end_cause"] == "ended_by_other"


async def test_staff_ends_those_of_its_providers_people(identity: Harness, place: Place) -> None:
    n1, n2 = new_id(), new_id()
    sam = await working(identity, provider_ids=(n1,))
    session = (await sign_in(identity, sam.email)).json()["session_id"]
    elsewhere = identity.signed_in(*BOTH, reach={"provider": [n2]})
    here = identity.signed_in(*BOTH, reach={"provider": [n1]})
    assert (await place.seen(elsewhere), await place.seen(here)) == ([], [session])
    place.id = session
    assert [await place.end(elsewhere), await place.end(here)] == [404, 204]


async def test_everybody_else_is_told_that_there_is_none(identity: Harness, place: Place) -> None:
    vega = {"reach": {"client": [place.client_id]}}
    reader = CLIENT_ROLES[ClientRole.READER]
    acting = {"act": {"sub": place.user_id}, "onbehalfof": f"client/{place.client_id}"}
    strangers = {
        "another user": identity.signed_in(amr=["pwd"]),
        "another client's owner": identity.signed_in(*BOTH, reach={"client": [new_id()]}),
        "a reader of the client": identity.signed_in(*reader, **vega),
        "an employee of all providers": identity.signed_in(
            Permission.CLIENTS_READ, everywhere=True
        ),
        "who acts as the client": identity.signed_in(*BOTH, **vega, **acting),
        "a key of its own without the right": place.as_user(amr=None),
    }
    assert {name: await place.end(headers) for name, headers in strangers.items()} == (
        dict.fromkeys(strangers, 404)
    )
    hidden = [name for name in strangers if name != "a key of its own without the right"]
    hidden.remove("who acts as the client")  # it sees what the client sees
    assert {name: await place.seen(strangers[name]) for name in hidden} == (
        {key: [] for key in hidden}
    )
    assert await place.end(identity.signed_in(*BOTH, everywhere=True)) == 204


async def test_who_acts_as_a_client_does_not_see_sessions_of_its_own(place: Place) -> None:
    acting = {"act": {"sub": place.user_id}, "onbehalfof": f"client/{new_id()}"}
    assert await place.seen(place.as_user(**acting)) == []
