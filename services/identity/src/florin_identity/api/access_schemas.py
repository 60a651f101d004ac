"""What the routes about access answer."""

from uuid import UUID

from florin_contracts.permissions import ClientRole, Permission, Section
from florin_identity.api.schemas import Answer
from florin_identity.models.explanation import Verdict
from florin_identity.models.grounds import SourceKind


class SourceAnswer(Answer):
    """One thing that allows it: `name` is the department's or the role's."""

    kind: SourceKind
    name: str | None
    department_id: UUID | None
    section: Section | None


class ExplanationAnswer(Answer):
    """Whether a user may do a thing, and why; `verdict` for programs, `explanation` for people.

    `verdict` is the first of the `obstacles`, or that it is allowed. No `permission` is needed for
    what everybody may who is signed in, or who is not.
    """

    user_id: UUID
    permission: Permission | None
    allowed: bool
    verdict: Verdict
    obstacles: list[Verdict]
    explanation: str
    because: list[SourceAnswer]
    everywhere: bool
    provider_ids: list[UUID]
    client_ids: list[UUID]
    missing_department_ids: list[UUID]


class PermissionAnswer(Answer):
    """A permission, and what it lets its holder do."""

    permission: Permission
    meaning: str


class SectionAnswer(Answer):
    """A part of the control panel; null holds what a department is only given one by one."""

    section: Section | None
    permissions: list[PermissionAnswer]


class RoleAnswer(Answer):
    """What a role in a client's account may do."""

    role: ClientRole
    permissions: list[Permission]


class CatalogueAnswer(Answer):
    """Everything that may be allowed to somebody."""

    sections: list[SectionAnswer]
    roles: list[RoleAnswer]
