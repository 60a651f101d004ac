"""How an employee stands to others: what its departments give it, and whether it is the last."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from uuid import UUID

from florin_chassis.actor import Actor
from florin_contracts.permissions import Permission
from florin_providers.models.department import Department


@dataclass(frozen=True, slots=True)
class Standing:
    """What an act upon an employee is judged by, beside the employee itself.

    `by` is who acts; `departments` are those that it is in or shall be in; `last_administrator`
    says that without it nobody would be left who may do everything.
    """

    by: Actor
    departments: Mapping[UUID, Department]
    last_administrator: bool = False

    def given_by(self, department_ids: Iterable[UUID]) -> frozenset[Permission]:
        """What these departments allow together."""
        return frozenset().union(*(self.departments[id_].rights for id_ in department_ids))
