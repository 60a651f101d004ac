"""Looks up who is signed in, from where."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import contains_eager

from florin_chassis.actor import Actor
from florin_chassis.http.pages import Paging, paginate
from florin_identity.models import Session
from florin_identity.models.session_lives import SessionLives


async def list_sessions(
    session: AsyncSession, actor: Actor, user_id: UUID | None, lives: SessionLives, paging: Paging
) -> dict[str, Any]:
    """A page of the sessions that go on, of one user if it is named.

    Without the permission to see those of others, they are the actor's own: also for an actor
    whose reach has no bounds, whom the tenant filter does not stop.
    """
    rows = (
        select(Session)
        .join(Session.family)
        .options(contains_eager(Session.family))
        .where(lives.going_on(datetime.now(UTC)), Session.visible_to(actor))
    )
    if user_id is not None:
        rows = rows.where(Session.user_id == user_id)
    page = await paginate(session, rows, Session.id, paging)
    return page | {"data": [_told(row, actor) for row in page["data"]]}


def _told(session: Session, actor: Actor) -> dict[str, Any]:
    return {
        "id": session.id,
        "user_id": session.user_id,
        "started_at": session.started_at,
        "used_at": session.family.used_at,
        "address": session.family.address,
        "agent": session.family.agent,
        "amr": session.amr,
        "current": session.id == actor.session_id,
    }
