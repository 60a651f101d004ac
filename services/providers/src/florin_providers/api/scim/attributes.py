"""Where the attributes of users and groups are in the database, for filters and for orders."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import UUID

from scim2_models import InvalidFilterException
from scim2_models.path.expressions import CompareOperator
from sqlalchemy import (
    ColumnElement,
    Text,
    and_,
    cast,
    false,
    func,
    literal,
    or_,
    select,
    true,
)
from sqlalchemy.dialects.postgresql import array

from florin_contracts.providers import EmployeeStatus
from florin_providers.models import Department, Employee

Condition = ColumnElement[bool]
_OP: Final = CompareOperator


@dataclass(frozen=True, slots=True)
class Attribute:
    """One attribute: its column, mapped or computed, and how it is compared."""

    column: Any
    exact: bool = False
    optional: bool = False
    kind: type = str
    many: bool = False

    def ordered(self) -> Any:
        """What rows are ordered by."""
        return self.column if self.exact or self.kind is not str else func.lower(self.column)

    def present(self) -> Condition:
        """Whether there is a value."""
        return and_(self.column.is_not(None), self.column != "") if self.optional else true()

    def compared(self, op: CompareOperator, value: Any) -> Condition:
        """The comparison with a value, true or false; raises `InvalidFilterException`."""
        if value is None:
            return self._with_null(op)
        if self.kind is UUID:
            return self._identified(op, value)
        if self.kind is bool:
            return self._switched(op, value)
        if not isinstance(value, str):
            raise InvalidFilterException(detail=f"{value!r} is no text")
        condition = _texts(self.ordered(), op, value if self.exact else value.lower())
        if not self.optional:
            return condition
        if op is _OP.ne:
            return or_(self.column.is_(None), condition)
        return and_(self.column.is_not(None), condition)

    def _with_null(self, op: CompareOperator) -> Condition:
        if op not in {_OP.eq, _OP.ne}:
            return false()
        none: Condition = self.column.is_(None) if self.optional else false()
        return none if op is _OP.eq else ~none

    def _identified(self, op: CompareOperator, value: Any) -> Condition:
        """By the index where an id is asked for whole, as directories do at every turn."""
        if op in {_OP.eq, _OP.ne}:
            try:
                equal: Condition = self.column == UUID(value)
            except (ValueError, AttributeError, TypeError):
                equal = false()
            return equal if op is _OP.eq else ~equal
        return _texts(cast(self.column, Text), op, str(value))

    def _switched(self, op: CompareOperator, value: Any) -> Condition:
        if op not in {_OP.eq, _OP.ne} or not isinstance(value, bool):
            raise InvalidFilterException(detail="a truth value is equal to true or false, or not")
        switched: Condition = self.column if value is (op is _OP.eq) else ~self.column
        return switched


def _texts(column: ColumnElement[Any], op: CompareOperator, value: str) -> Condition:
    if "\x00" in value:
        raise InvalidFilterException(detail="a value holds no NUL")
    conditions = {
        _OP.eq: lambda: column == value,
        _OP.ne: lambda: column != value,
        _OP.co: lambda: column.contains(value, autoescape=True),
        _OP.sw: lambda: column.startswith(value, autoescape=True),
        _OP.ew: lambda: column.endswith(value, autoescape=True),
        _OP.gt: lambda: column > value,
        _OP.ge: lambda: column >= value,
        _OP.lt: lambda: column < value,
        _OP.le: lambda: column <= value,
    }
    return conditions[op]()


_BELONGING: Final = and_(
    Employee.department_ids.contains(array([Department.id])),
    Employee.status != EmployeeStatus.ENDED,
    ~Department.removed,
)


@dataclass(frozen=True, slots=True)
class Entries:
    """The values of a multi-valued attribute, which are rows of another table."""

    kind: type[Employee] | type[Department]

    def some(self, condition: Condition) -> Condition:
        """Whether one of them is so, of those that the actor reaches."""
        return select(self.kind.id).where(_BELONGING, condition).exists()


@dataclass(frozen=True, slots=True)
class Table:
    """The attributes of a resource, by their names in lower case."""

    attributes: Mapping[str, Attribute]
    entries: Mapping[str, Entries] = field(default_factory=dict)

    def attribute(self, name: str) -> Attribute | None:
        """An attribute, with or without the URN of its schema; that of its values, if it has."""
        return self.attributes.get(name) or self.attributes.get(f"{name}.value")


def _part(name: str) -> Attribute:
    part = func.jsonb_extract_path_text(Employee.name_parts, name, type_=Text())
    return Attribute(part, optional=True)


_PARTS: Final = {
    "name.formatted": _part("formatted"),
    "name.familyname": _part("family_name"),
    "name.givenname": _part("given_name"),
}
_ANY_PART: Final = func.coalesce(*(part.column for part in _PARTS.values()))


USERS: Final = Table(
    {
        "id": Attribute(Employee.id, kind=UUID, exact=True),
        "externalid": Attribute(Employee.external_id, exact=True, optional=True),
        "username": Attribute(Employee.user_name),
        "displayname": Attribute(Employee.name),
        "name": Attribute(_ANY_PART, optional=True),
        **_PARTS,
        "active": Attribute(Employee.status != EmployeeStatus.SUSPENDED, kind=bool),
        "emails.value": Attribute(Employee.email),
        "emails.type": Attribute(literal("work")),
        "groups.value": Attribute(Department.id, kind=UUID, exact=True, many=True),
        "groups.display": Attribute(Department.name, many=True),
        "meta.resourcetype": Attribute(literal("User"), exact=True),
    },
    {"groups": Entries(Department)},
)
GROUPS: Final = Table(
    {
        "id": Attribute(Department.id, kind=UUID, exact=True),
        "externalid": Attribute(Department.external_id, exact=True, optional=True),
        "displayname": Attribute(Department.name),
        "members.value": Attribute(Employee.id, kind=UUID, exact=True, many=True),
        "members.type": Attribute(literal("User"), many=True),
        "meta.resourcetype": Attribute(literal("Group"), exact=True),
    },
    {"members": Entries(Employee)},
)
