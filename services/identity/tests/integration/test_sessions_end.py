"""Sessions end with their user's rights to them, and are forgotten after a while."""

from datetime import timedelta
from uuid import UUID

from services.identity.tests.making import EMAIL, registered, sign_in
from sqlalchemy import select, update

from florin_chassis.actor import Actor
from florin_chassis.testing.harness import Harness
from florin_contracts.identity import SessionEndCause, SessionEnded
from florin_identity.models import RefreshFamily, Session
from florin_identity.models.ending import end_sessions
from florin_identity.models.session_lives import SessionLives
from florin_identity.use_cases.end_sessions_run_out import end_sessions_run_out
from florin_identity.use_cases.forget_sessions import forget_sessions

LIVES = SessionLives(timedelta(days=7), timedelta(hours=12))
KEPT = timedelta(days=30)


async def test_all_sessions_but_one_end_whoever_has_them_ended(identity: Harness) -> None:
    made = await registered(identity)
    kept, *others = [UUID((await sign_in(identity)).json()["session_id"]) for _ in range(3)]
    user_id = UUID(made["user"]["id"])
    nobody = identity.runtime.begin_as(Actor(name="user/somebody"))
    async with nobody() as transaction:
        await end_sessions(transaction, user_id, SessionEndCause.PASSWORD_CHANGED, but=kept)
    ended = await identity.stated(SessionEnded)
    assert {e["data"]["id"] for e in ended} == set(map(str, others))
    assert {e["data"]["end_cause"] for e in ended} == {"password_changed"}
    async with nobody() as transaction:
        await end_sessions(transaction, user_id, SessionEndCause.USER_SUSPENDED)
        await end_sessions(transaction, user_id, SessionEndCause.USER_SUSPENDED)
    assert len(await identity.stated(SessionEnded)) == 3


async def test_sessions_that_have_been_over_for_long_are_erased(identity: Harness) -> None:
    await registered(identity)
    ended, unused, young = [(await sign_in(identity, EMAIL)).json() for _ in range(3)]
    async with identity.begin() as transaction:
        await end_sessions(
            transaction,
            UUID(ended["user_id"]),
            SessionEndCause.SIGNED_OUT,
            but=UUID(young["session_id"]),
        )
    assert await forget_sessions(LIVES, KEPT, identity.begin) == 0
    async with identity.runtime.database.engine.begin() as connection:
        for session in (ended, unused):
            old = update(Session).where(Session.id == UUID(session["session_id"]))
            await connection.execute(old.values(ended_at=Session.ended_at - KEPT * 2))
    assert await forget_sessions(LIVES, KEPT, identity.begin) == 2
    async with identity.runtime.database.engine.begin() as connection:
        assert list(await connection.scalars(select(Session.id))) == [UUID(young["session_id"])]
        await connection.execute(
            update(RefreshFamily).values(used_at=RefreshFamily.used_at - KEPT * 2)
        )
    assert await forget_sessions(LIVES, KEPT, identity.begin) == 1
    assert await forget_sessions(LIVES, KEPT, identity.begin) == 0


async def test_a_session_that_ran_out_by_itself_is_stated_as_ended_and_only_that(
    identity: Harness,
) -> None:
    await registered(identity)
    old, unused, young = [(await sign_in(identity)).json()["session_id"] for _ in range(3)]
    async with identity.runtime.database.engine.begin() as connection:
        started = update(Session).where(Session.id == UUID(old))
        await connection.execute(started.values(started_at=Session.started_at - timedelta(days=8)))
        used = update(RefreshFamily).where(RefreshFamily.session_id == UUID(unused))
        idle = RefreshFamily.used_at - timedelta(hours=13)
        await connection.execute(used.values(used_at=idle))
    assert await end_sessions_run_out(LIVES, identity.begin) == 2
    ended = await identity.stated(SessionEnded)
    assert {e["data"]["id"] for e in ended} == {old, unused}
    assert {e["data"]["end_cause"] for e in ended} == {"ran_out"}
    assert await end_sessions_run_out(LIVES, identity.begin) == 0
    async with identity.runtime.database.engine.begin() as connection:
        going_on = select(Session.id).where(Session.ended_at.is_(None))
        assert list(await connection.scalars(going_on)) == [UUID(young)]


async def test_a_session_that_is_being_refreshed_does_not_run_out(identity: Harness) -> None:
    await registered(identity)
    session_id = UUID((await sign_in(identity)).json()["session_id"])
    async with identity.runtime.database.engine.begin() as connection:
        idle = RefreshFamily.used_at - timedelta(hours=13)
        await connection.execute(update(RefreshFamily).values(used_at=idle))
    async with identity.begin() as transaction:
        await transaction.session.get(Session, session_id, with_for_update=True)
        assert await end_sessions_run_out(LIVES, identity.begin) == 0
    assert await end_sessions_run_out(LIVES, identity.begin) == 1
