"""`/password-resets` and `/me/password` over HTTP, and the letters that they send."""

from typing import Any

import pytest
from services.identity.tests.mailbox import Mailbox, mailbox, mailer, mailing, sent, text_of
from services.identity.tests.making import EMAIL, PASSWORD, employee, registered, sign_in
from sqlalchemy import event, select, text

from florin_chassis.testing.harness import Harness
from florin_contracts.identity import SessionEnded, UserEmailVerified
from florin_identity.models import Letter, SecurityAct, SecurityEntry

NEW = "another battery, another horse"


async def ask(identity: Harness, email: str) -> Any:
    return await identity.http.post("/password-resets", json={"email": email})


async def redeem(identity: Harness, token: str, password: str = NEW) -> Any:
    body = {"token": token, "password": password}
    return await identity.http.post("/password-resets/redeem", json=body)


async def change(
    identity: Harness, headers: dict[str, str], old: str = PASSWORD, new: str = NEW
) -> Any:
    body = {"password": old, "new_password": new}
    return await identity.http.put("/me/password", json=body, headers=headers)


async def acts(identity: Harness) -> set[str]:
    async with identity.runtime.database.engine.connect() as connection:
        return set(await connection.scalars(select(SecurityEntry.act)))


async def letters(identity: Harness) -> list[tuple[str, str]]:
    async with identity.runtime.database.engine.connect() as connection:
        rows = await connection.execute(select(Letter.kind, Letter.status).order_by(Letter.id))
        return [(row.kind, row.status) for row in rows]


async def own_session(identity: Harness) -> tuple[dict[str, str], str]:
    """Headers of a user who has signed in itself, and its session's id."""
    answer = (await sign_in(identity)).json()
    claims = {"sub": answer["user_id"], "sid": answer["session_id"], "amr": ["pwd"]}
    return identity.signed_in(**claims), str(answer["session_id"])


async def reset_of(identity: Harness, box: Mailbox) -> str:
    """The token of a reset that was asked for by a registered user."""
    await registered(identity)
    await sent(box, EMAIL)
    assert (await ask(identity, EMAIL)).status_code == 202
    await sent(box, EMAIL, EMAIL)
    return box.token()


async def test_who_forgot_its_password_sets_another_and_all_sessions_end(
    identity: Harness,
) -> None:
    async with mailbox() as box, mailer(mailing(identity, box)):
        token = await reset_of(identity, box)
        sessions = {(await sign_in(identity)).json()["session_id"] for _ in "12"}
        assert (await redeem(identity, token)).status_code == 204
        await sent(box, EMAIL, EMAIL, EMAIL)
    ended = await identity.stated(SessionEnded)
    assert {event["data"]["id"] for event in ended} == sessions
    assert {event["data"]["end_cause"] for event in ended} == {"password_changed"}
    assert (await sign_in(identity, EMAIL, PASSWORD)).status_code == 401
    assert (await sign_in(identity, EMAIL, NEW)).status_code == 201
    assert str(box.received[2]["Subject"]) == "Your password was changed"
    assert len(await identity.stated(UserEmailVerified)) == 1
    assert {SecurityAct.PASSWORD_RESET_ASKED, SecurityAct.PASSWORD_CHANGED} <= await acts(identity)


async def test_a_reset_is_used_once_and_not_by_a_weak_password(identity: Harness) -> None:
    async with mailbox() as box, mailer(mailing(identity, box)):
        token = await reset_of(identity, box)
    for weak in ("short", EMAIL, "iloveyou1234"):
        assert (await redeem(identity, token, weak)).status_code == 422
    assert (await redeem(identity, token)).status_code == 204
    answers = [await redeem(identity, token), await redeem(identity, "unknown")]
    assert {(a.status_code, a.json()["code"]) for a in answers} == {(409, "link_not_valid")}
    assert answers[0].content == answers[1].content


async def test_the_answer_is_the_same_and_only_a_login_gets_a_letter(identity: Harness) -> None:
    await identity.deliver(employee())  # is invited, and has no password to forget
    async with mailbox() as box, mailer(mailing(identity, box)):
        await registered(identity)
        await sent(box, EMAIL, "sam@example.com")
        asked = [await ask(identity, e) for e in (EMAIL, "nobody@example.com", "sam@example.com")]
        assert {(a.status_code, a.content, tuple(a.headers.items())) for a in asked} == {
            (202, b"", (("content-length", "0"),))
        }
        while "waiting" in {status for _, status in await letters(identity)}:
            pass
        await sent(box, EMAIL, "sam@example.com", EMAIL)


async def test_asking_does_the_same_work_for_a_login_and_for_none(identity: Harness) -> None:
    await registered(identity)
    done: list[list[str]] = []

    def note(_: object, __: object, statement: str, *___: object) -> None:
        done[-1].append(statement)

    engine = identity.runtime.database.engine.sync_engine
    event.listen(engine, "before_cursor_execute", note)
    for email in (EMAIL, "nobody@example.com"):
        done.append([])
        await ask(identity, email)
    event.remove(engine, "before_cursor_execute", note)
    assert done[0] == done[1] != []
    assert not [statement for statement in done[0] if "users" in statement]


async def test_however_often_a_stranger_asks_one_letter_is_sent(identity: Harness) -> None:
    async with mailbox() as box, mailer(mailing(identity, box)):
        token = await reset_of(identity, box)
        for _ in range(20):
            await ask(identity, EMAIL)
        while "waiting" in {status for _, status in await letters(identity)}:
            pass
        await sent(box, EMAIL, EMAIL)
        assert (await redeem(identity, token)).status_code == 204


async def test_a_user_who_was_suspended_resets_nothing(identity: Harness) -> None:
    async with mailbox() as box, mailer(mailing(identity, box)):
        token = await reset_of(identity, box)
    for status, answered in (("suspended", 409), ("active", 204)):
        async with identity.runtime.database.engine.begin() as connection:
            await connection.execute(text("UPDATE users SET status = :status"), {"status": status})
        assert (await redeem(identity, token)).status_code == answered


async def test_a_letter_about_a_reset_says_from_where_it_was_asked_for(identity: Harness) -> None:
    async with mailbox() as box, mailer(mailing(identity, box)):
        await reset_of(identity, box)
    assert "from the network address 127.0.0.1" in text_of(box.received[1])


async def test_who_changes_its_password_stays_signed_in_here_and_nowhere_else(
    identity: Harness,
) -> None:
    await registered(identity)
    me, here = await own_session(identity)
    elsewhere = (await sign_in(identity)).json()["session_id"]
    answer = await change(identity, me)
    assert answer.status_code == 204, answer.text
    (ended,) = await identity.stated(SessionEnded)
    assert ended["data"]["id"] == elsewhere != here
    assert (await sign_in(identity, EMAIL, PASSWORD)).status_code == 401
    assert (await sign_in(identity, EMAIL, NEW)).status_code == 201
    assert SecurityAct.PASSWORD_CHANGED in await acts(identity)
    assert ("password_changed", "waiting") in await letters(identity)


async def test_a_stolen_session_guesses_no_password(identity: Harness) -> None:
    await registered(identity)
    me, _ = await own_session(identity)
    answers = [await change(identity, me, old=f"a guess, number {n}") for n in range(12)]
    codes = [answer.json()["code"] for answer in answers]
    assert codes[0] == "wrong_password"
    assert codes[-1] == "too_many_attempts"
    assert (await change(identity, me)).json()["code"] == "too_many_attempts"
    assert SecurityAct.SIGN_IN_FAILED in await acts(identity)


@pytest.mark.parametrize("new", ["short", EMAIL, "iloveyou1234", "x" * 1_001])
async def test_a_weak_password_changes_nothing(identity: Harness, new: str) -> None:
    await registered(identity)
    me, _ = await own_session(identity)
    answer = await change(identity, me, new=new)
    assert answer.status_code == 422
    assert new not in answer.text
    assert (await sign_in(identity)).status_code == 201


async def test_nobody_else_changes_a_password(identity: Harness) -> None:
    user = (await registered(identity))["user"]
    body = {"password": PASSWORD, "new_password": NEW}
    for claims in ({}, {"amr": ["pwd"], "act": {"sub": user["id"]}}):
        headers = identity.signed_in(sub=user["id"], **claims)
        answer = await identity.http.put("/me/password", json=body, headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (403, "not_in_person")
