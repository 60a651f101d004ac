"""Looks up what users agreed to tell applications."""

from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from florin_chassis.actor import Actor
from florin_chassis.http.pages import Paging, paginate
from florin_identity.models import Application
from florin_identity.models.consent import Consent


async def list_own_consents(session: AsyncSession, actor: Actor, paging: Paging) -> dict[str, Any]:
    """A page of those of the actor, for applications that were not removed."""
    applications = Application.__table__.c
    rows = (
        select(Consent)
        .join(Application.__table__, applications.id == Consent.application_id)
        .where(Consent.user_id == actor.own_id, applications.removed.is_(False))
    )
    page = await paginate(session, rows, Consent.application_id, paging)
    return page | {"data": await _told(session, page["data"])}


async def _told(session: AsyncSession, consents: list[Consent]) -> list[dict[str, Any]]:
    """With the applications' names: read as a table, for who agrees sees no application else."""
    applications = Application.__table__.c
    ids = [consent.application_id for consent in consents]
    wanted = select(applications.id, applications.name).where(applications.id.in_(ids))
    names = {row.id: row.name for row in await session.execute(wanted)}
    return [
        {
            "id": consent.application_id,
            "name": names[consent.application_id],
            "scopes": consent.scopes,
            "given_at": consent.given_at,
        }
        for consent in consents
    ]
