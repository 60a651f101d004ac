"""The metadata of this service's own tables."""

from florin_chassis.orm import NAMING, Table
from sqlalchemy import MetaData


class Base(Table):
    """The base of every table of the providers service."""

    __abstract__ = True
    metadata = MetaData(naming_convention=NAMING)
