"""The base of every table and aggregate: naming, values as columns, versions, facts."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, ClassVar
from uuid import UUID

from pydantic import TypeAdapter
from sqlalchemy import BigInteger, DateTime, Dialect, Enum, MetaData, Uuid
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import DeclarativeBase, Mapped, declared_attr, mapped_column
from sqlalchemy.types import TypeDecorator

from florin_chassis.errors import Refusal, VersionMismatch
from florin_chassis.ids import new_id
from florin_contracts.event import Event, event_types

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}
"""So that migrations and refusals can name a constraint."""


class ValueColumn(TypeDecorator[Any]):
    """A frozen pydantic value, or any type pydantic knows, stored as JSONB."""

    impl = JSONB
    cache_ok = True

    def __init__(self, value_type: Any) -> None:
        super().__init__()
        self.value_type = value_type
        self._adapter: TypeAdapter[Any] = TypeAdapter(value_type)

    def process_bind_param(self, value: Any, dialect: Dialect) -> Any:  # noqa: ARG002
        """From the value to JSON."""
        return None if value is None else self._adapter.dump_python(value, mode="json")

    def process_result_value(self, value: Any, dialect: Dialect) -> Any:  # noqa: ARG002
        """From JSON to the value."""
        return None if value is None else self._adapter.validate_python(value)


class Table(DeclarativeBase):
    """The base that each service derives its own `Base` from, with its own metadata."""

    __abstract__ = True
    metadata = MetaData(naming_convention=NAMING)
    type_annotation_map: ClassVar[dict[Any, Any]] = {
        datetime: DateTime(timezone=True),
        UUID: Uuid,
        int: BigInteger,
        StrEnum: Enum(
            StrEnum, native_enum=False, length=32, values_callable=lambda e: [m.value for m in e]
        ),
    }


@dataclass(frozen=True, slots=True)
class Fact:
    """An event that an aggregate's method caused, on its way into the transaction."""

    aggregate: "Aggregate"
    sequence: int
    event: Event


class Aggregate:
    """A row whose every change is stated as an event; mixed into a service's mapped class.

    `version` counts the facts: the row and its event share the number, which is how a row without
    its event (a zombie record) or an event without its row (a ghost message) is found.
    """

    __refusals__: ClassVar[dict[str, type[Refusal]]] = {}
    """Which refusal a violated constraint of this table means, by the constraint's name."""
    __history__: ClassVar[bool] = False
    """Whether what it was after each fact stays readable: see `florin_chassis.history`."""

    id: Mapped[UUID] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(nullable=False)

    def __init__(self, **columns: Any) -> None:
        super().__init__(**{"id": new_id(), "version": 0, **columns})

    @declared_attr.directive
    @classmethod
    def __mapper_args__(cls) -> dict[str, Any]:
        return {"version_id_col": cls.version, "version_id_generator": False}

    def fact(self, event: type[Event], **particulars: Any) -> Fact:
        """State what happened: the event carries the public state and the particulars."""
        self.version += 1
        state = {
            name: getattr(self, name) for name in event.model_fields if name not in particulars
        }
        return Fact(self, self.version, event(**state, **particulars))

    def expect(self, version: int | None) -> None:
        """Raise `VersionMismatch` when the caller read another version; `None` expects nothing."""
        if version is not None and version != self.version:
            raise VersionMismatch(
                f"this is version {self.version} now, not {version}: read it again",
                version=self.version,
            )


def aggregates_of(metadata: MetaData) -> list[type[Aggregate]]:
    """Every kind of aggregate whose table belongs to this metadata, a service's."""
    return [kind for kind in Aggregate.__subclasses__() if kind.metadata is metadata]  # type: ignore[attr-defined]


def topic_of_facts(kind: type[Aggregate], service: str) -> str:
    """The topic that a service states this kind on: that of the events of its public state.

    The state is named after the aggregate: `Client` has its `ClientState`. Raises `TypeError`.
    """
    topics = {
        event.topic
        for event in event_types().values()
        if event.topic.startswith(f"{service}-")
        and any(base.__name__ == f"{kind.__name__}State" for base in event.__mro__)
    }
    if len(topics) != 1:
        raise TypeError(f"{service} states {kind.__name__}State on {len(topics)} topics, not one")
    return topics.pop()


def refusal_of(constraint: str | None) -> type[Refusal] | None:
    """The refusal that stands for a violated constraint, if an aggregate declares one."""
    declared = (kind.__refusals__.get(constraint or "") for kind in Aggregate.__subclasses__())
    return next(filter(None, declared), None)
