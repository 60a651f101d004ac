"""What the routes take and answer."""

from typing import Annotated

from florin_chassis.http.bodies import Body, Line, Resource
from florin_contracts.money import CurrencyCode
from florin_contracts.providers import ServiceCondition
from pydantic import StringConstraints

Slug = Annotated[str, StringConstraints(pattern=r"^[a-z0-9](-?[a-z0-9]){0,62}$")]


class NewProvider(Body):
    """A provider to create."""

    name: Line
    slug: Slug
    currency: CurrencyCode
    time_zone: Line


class ProviderAnswer(Resource):
    """A provider."""

    name: str
    slug: str
    currency: str
    time_zone: str
    registration_open: bool
    conditions: tuple[ServiceCondition, ...]
