"""What the routes of departments take and answer."""

from datetime import date
from itertools import pairwise
from typing import Annotated, Any, Self
from uuid import UUID

from pydantic import AfterValidator, Field, model_validator

from florin_chassis.http.bodies import Body, Line, Resource
from florin_contracts.permissions import Permission, Section
from florin_contracts.providers import BusinessHours, Opening, Weekday
from florin_contracts.providers.hours import WallTime
from florin_providers.api.addresses import LocaleTag
from florin_providers.api.schemas import Changes, Permissions, Sections, distinct
from florin_providers.api.time_zones import TimeZone

Names = Annotated[dict[LocaleTag, Line], Field(max_length=50)]


class NewWorkingTime(Body):
    """From one time of a day until a later one of the same day; `24:00` is its end."""

    opens: WallTime
    closes: WallTime

    @model_validator(mode="after")
    def _closes_later(self) -> Self:
        if self.closes <= self.opens:
            raise ValueError("closes is after opens; what goes on after midnight is the next day's")
        return self


def _in_order(times: tuple[NewWorkingTime, ...]) -> tuple[NewWorkingTime, ...]:
    for earlier, later in pairwise(times):
        if later.opens < earlier.closes:
            raise ValueError(
                f"{later.opens} to {later.closes} overlaps or precedes "
                f"{earlier.opens} to {earlier.closes}"
            )
    return times


Day = Annotated[tuple[NewWorkingTime, ...], Field(max_length=6), AfterValidator(_in_order)]


class NewBusinessHours(Body):
    """A week that repeats itself, by the clocks of a time zone; days left out are free."""

    time_zone: TimeZone
    weekly: dict[Weekday, Day]
    closed_on: Annotated[tuple[date, ...], Field(max_length=100), distinct] = ()

    @model_validator(mode="after")
    def _works_at_all(self) -> Self:
        if not any(self.weekly.values()):
            raise ValueError("weekly has no time at all; business_hours null means always open")
        return self

    def to_contract(self) -> BusinessHours:
        """The hours as they are kept and stated."""
        return BusinessHours.model_validate(self.model_dump(mode="json"))


class DepartmentFields(Body):
    """What is known of a department beside its name."""

    sections: Sections = ()
    permissions: Permissions = ()
    names: Names = {}  # noqa: RUF012 - pydantic copies it
    business_hours: NewBusinessHours | None = None
    shown_in_support: bool = False


class NewDepartment(DepartmentFields):
    """A department to set up; without `business_hours` it is always open."""

    name: Line

    def columns(self) -> dict[str, Any]:
        """By the names of the aggregate's columns."""
        return _as_kept(self.model_dump(exclude={"business_hours"}), self.business_hours)


class DepartmentChanges(Changes):
    """What to change of a department, for all its members; what is left out stays.

    Null stays too, but for `business_hours`, where it means always open.
    """

    name: Line | None = None
    sections: Sections | None = None
    permissions: Permissions | None = None
    names: Names | None = None
    business_hours: NewBusinessHours | None = None
    shown_in_support: bool | None = None

    def columns(self) -> dict[str, Any]:
        """What was sent, by the names of the aggregate's columns."""
        sent = self.model_dump(exclude_none=True, exclude={"business_hours"})
        if "business_hours" not in self.model_fields_set:
            return sent
        return _as_kept(sent, self.business_hours)


def _as_kept(columns: dict[str, Any], hours: NewBusinessHours | None) -> dict[str, Any]:
    return columns | {"business_hours": hours and hours.to_contract()}


class DepartmentAnswer(Resource):
    """A department."""

    name: str
    sections: tuple[Section, ...]
    permissions: tuple[Permission, ...]
    external_id: str | None
    removed: bool
    names: dict[str, str]
    business_hours: BusinessHours | None
    shown_in_support: bool


class SupportDepartmentAnswer(Resource):
    """A department as clients see it; `locale` is that of `name`, null if it is the default one."""

    id: UUID
    name: str
    locale: str | None
    business_hours: BusinessHours | None
    opening: Opening
