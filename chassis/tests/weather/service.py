"""The manifest of the weather service, whose almanac listens to its own stations."""

from collections.abc import Collection
from pathlib import Path
from typing import Any
from uuid import UUID

from chassis.tests.weather.models import (
    Base,
    Reading,
    Station,
    StationState,
    TemperatureMeasured,
    open_station,
    remark,
)
from fastapi import Request, Response
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from florin_chassis.errors import NotYet, Refusal
from florin_chassis.http.bodies import Body, Line, Resource
from florin_chassis.http.endpoint import PUBLIC, BeginTransaction, Router
from florin_chassis.http.endpoint import Reading as Session
from florin_chassis.http.etags import ExpectedVersion, tag
from florin_chassis.http.pages import Page, PagingQuery, paginate
from florin_chassis.http.remembering import Remembered, history_router
from florin_chassis.road.subscriptions import Subscriptions
from florin_chassis.service import Service
from florin_chassis.settings import ServiceSettings
from florin_chassis.transaction import Begin, Transaction

router = Router()
subscriptions = Subscriptions()
subscriptions.project(StationState)
not_yet: set[UUID] = set()
"""Stations of which the almanac is told to wait for something else first."""

CURSED = 13
"""The almanac has a defect: it cannot write this number of degrees."""


class NewStation(Body):
    """A station to open."""

    name: Line
    country: UUID


class Measurement(Body):
    """What was measured."""

    degrees: int


class Remark(Body):
    """What somebody has to say."""

    remark: str


class StationAnswer(Resource):
    """A station."""

    name: str
    degrees: int


@router.post("/stations", permission="stations:write", response_model=StationAnswer)
async def post_station(body: NewStation, begin: BeginTransaction, response: Response) -> Station:
    return tag(response, await open_station(body.name, body.country, begin))


@router.get("/stations", permission="stations:read", response_model=Page[StationAnswer])
async def get_stations(session: Session, paging: PagingQuery) -> dict[str, Any]:
    return await paginate(session, select(Station), Station.id, paging)


@router.put(
    "/stations/{station_id}/degrees", permission="stations:write", response_model=StationAnswer
)
async def put_degrees(
    station_id: UUID,
    body: Measurement,
    version: ExpectedVersion,
    begin: BeginTransaction,
    response: Response,
) -> Station:
    return tag(response, await _measure(station_id, body.degrees, version, begin))


async def _measure(station_id: UUID, degrees: int, version: int | None, begin: Begin) -> Station:
    async with begin() as transaction:
        station = await transaction.get(Station, station_id)
        station.expect(version)
        transaction.emit(station.measure(degrees))
    return station


@router.post(
    "/stations/{station_id}/remarks", permission="stations:write", response_model=StationAnswer
)
async def post_remark(station_id: UUID, body: Remark, begin: BeginTransaction) -> Station:
    return await remark(station_id, body.remark, begin)


async def _spoken(_: Request, refusal: Refusal) -> Response:
    return Response(f"Sorry: {refusal.code}", refusal.status, media_type="text/plain")


@router.put(
    "/stations/{station_id}/spoken",
    permission="stations:write",
    response_model=StationAnswer,
    refusing=_spoken,
)
async def put_spoken(station_id: UUID, body: Measurement, begin: BeginTransaction) -> Station:
    return await _measure(station_id, body.degrees, None, begin)


async def _names(_: AsyncSession, ids: Collection[UUID]) -> dict[UUID, str]:
    return dict.fromkeys(ids, "an observer")


history = history_router(
    "weather",
    [Remembered(Station, "/stations/{station_id}", "stations:read")],
    "history:read",
    _names,
)


@router.get("/weather", permission=PUBLIC)
async def get_weather() -> str:
    return "fine"


@subscriptions.on(TemperatureMeasured)
async def note_reading(event: TemperatureMeasured, transaction: Transaction) -> None:
    if event.id in not_yet:
        raise NotYet("told to wait")
    if event.degrees == CURSED:
        raise ValueError("the almanac cannot write this")
    transaction.session.add(Reading(station=event.id, degrees=event.degrees))


service = Service(
    name="weather",
    title="Weather",
    settings=ServiceSettings,
    metadata=Base.metadata,
    migrations=Path(__file__).parent / "migrations",
    routers=(router, history),
    subscriptions=subscriptions,
    catalogue=("stations:read", "stations:write", "history:read"),
)
