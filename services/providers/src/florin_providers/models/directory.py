"""What a company directory says of its people and groups, whatever the protocol it says it in."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from florin_contracts.values import Value


class PersonName(Value):
    """The parts of a person's name; Florin itself needs only the whole, an employee's `name`."""

    formatted: str | None = None
    family_name: str | None = None
    given_name: str | None = None


@dataclass(frozen=True, slots=True)
class DirectoryPerson:
    """A person; `user_name` is what the directory calls its login, unlike `email` just a label."""

    user_name: str
    email: str
    name: str
    name_parts: PersonName | None
    external_id: str | None
    active: bool

    def columns(self) -> dict[str, Any]:
        """As an employee's columns; whether it is active is none of them."""
        return {
            "user_name": self.user_name,
            "email": self.email,
            "name": self.name,
            "name_parts": self.name_parts,
            "external_id": self.external_id,
        }


@dataclass(frozen=True, slots=True)
class DirectoryGroup:
    """A group and who is in it, as far as whoever asks reaches them."""

    name: str
    external_id: str | None
    member_ids: frozenset[UUID]

    def columns(self) -> dict[str, Any]:
        """As a department's columns."""
        return {"name": self.name, "external_id": self.external_id}
