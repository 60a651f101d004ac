"""Stations that measure, and what an almanac keeps of their measurements."""

from typing import ClassVar
from uuid import UUID

from sqlalchemy import MetaData, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from florin_chassis.errors import Refusal
from florin_chassis.orm import NAMING, Aggregate, Fact, Table
from florin_chassis.tenancy import Tenanted
from florin_chassis.transaction import Begin
from florin_contracts.event import Event
from florin_contracts.values import Value


class StationState(Value):
    """A weather station of a country."""

    id: UUID
    country: UUID
    name: str
    degrees: int


class StationOpened(StationState, Event, type="florin.weather.station.opened.v1"):
    """A station began to measure."""


class TemperatureMeasured(StationState, Event, type="florin.weather.station.measured.v1"):
    """A station measured."""


class WeatherRemarked(StationState, Event, type="florin.weather.station.remarked.v1"):
    """Somebody at a station had something to say."""

    remark: str


class Base(Table):
    """The weather service's tables."""

    __abstract__ = True
    metadata = MetaData(naming_convention=NAMING)


class NameTaken(Refusal):
    """Another station has this name."""

    code = "name_taken"


class TooHot(Refusal):
    """No station measures more than 60 degrees."""

    code = "too_hot"


class Station(Aggregate, Tenanted, Base):
    """A weather station."""

    __tablename__ = "stations"
    __table_args__ = (UniqueConstraint("name"),)
    __refusals__: ClassVar = {"uq_stations_name": NameTaken}
    __history__ = True
    tenants: ClassVar = {"country": "country"}

    country: Mapped[UUID]
    name: Mapped[str]
    degrees: Mapped[int] = mapped_column(default=0)

    def open(self) -> Fact:
        """Begin to measure."""
        return self.fact(StationOpened)

    def measure(self, degrees: int) -> Fact:
        """Raises `TooHot`."""
        if degrees > 60:
            raise TooHot("no station measures more than 60 degrees")
        self.degrees = degrees
        return self.fact(TemperatureMeasured)

    def remark(self, remark: str) -> Fact:
        """Say something, at any length."""
        return self.fact(WeatherRemarked, remark=remark)


class Reading(Base):
    """One line of the almanac; written once for each event that came."""

    __tablename__ = "readings"

    id: Mapped[int] = mapped_column(primary_key=True)
    station: Mapped[UUID]
    degrees: Mapped[int]


async def open_station(name: str, country: UUID, begin: Begin) -> Station:
    """Raises `NameTaken`."""
    station = Station(name=name, country=country, degrees=0)
    async with begin() as transaction:
        transaction.add(station)
        transaction.emit(station.open())
    return station


async def measure(station_id: UUID, degrees: int, begin: Begin) -> Station:
    """Raises `NotFound` and `TooHot`."""
    async with begin() as transaction:
        station = await transaction.get(Station, station_id)
        transaction.emit(station.measure(degrees))
    return station


async def remark(station_id: UUID, text: str, begin: Begin) -> Station:
    """Raises `NotFound`."""
    async with begin() as transaction:
        station = await transaction.get(Station, station_id)
        transaction.emit(station.remark(text))
    return station
