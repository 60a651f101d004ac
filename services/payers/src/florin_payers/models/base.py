"""The metadata of this service's own tables."""

from sqlalchemy import MetaData

from florin_chassis.orm import NAMING, Table


class Base(Table):
    """The base of every table of the payers service."""

    __abstract__ = True
    metadata = MetaData(naming_convention=NAMING)
