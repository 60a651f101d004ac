"""Employees to users and departments to groups, and back."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from uuid import UUID

from scim2_models import Meta, Reference

from florin_contracts.providers import EmployeeStatus
from florin_providers.api.scim.resources import EmailAddress, Group, InGroup, Member, Name, User
from florin_providers.api.scim.speaking import NotScim
from florin_providers.api.scim.versions import version_of_group, version_of_user
from florin_providers.models import (
    Department,
    DirectoryGroup,
    DirectoryPerson,
    Employee,
    PersonName,
)


def user_of(employee: Employee, departments: Mapping[UUID, str], base: str) -> User:
    """An employee as a user; `departments` are the names of those that it is in."""
    parts = employee.name_parts
    groups = [
        InGroup(
            value=str(id_), ref=Reference["Group"](f"{base}/Groups/{id_}"), display=departments[id_]
        )
        for id_ in employee.department_ids
        if id_ in departments
    ]
    return User(
        id=str(employee.id),
        external_id=employee.external_id,
        user_name=employee.user_name,
        display_name=employee.name,
        name=Name(**parts.model_dump()) if parts else None,
        active=employee.status is not EmployeeStatus.SUSPENDED,
        emails=[EmailAddress(value=employee.email, type="work")],
        groups=groups or None,
        meta=_meta("User", employee.id, version_of_user(employee), f"{base}/Users"),
    )


def person_of(user: User, before: Employee | None = None) -> DirectoryPerson:
    """What a user says of a person; what it leaves out stays, or is completed. Raises `NotScim`."""
    parts = PersonName(**user.name.model_dump(scim_ctx=None)) if user.name else None
    if parts == PersonName():
        parts = None
    user_name = user.user_name or ""
    name = user.display_name or (before.name if before else _whole(parts) or user_name)
    active = before is None or before.status is not EmployeeStatus.SUSPENDED
    return DirectoryPerson(
        user_name=user_name,
        email=_email(user) or (before.email if before else _as_email(user_name)),
        name=name,
        name_parts=parts,
        external_id=user.external_id or None,
        active=active if user.active is None else user.active,
    )


def group_of(department: Department, member_ids: Iterable[UUID], base: str) -> Group:
    """A department as a group."""
    ids = sorted(member_ids)
    members = [
        Member(value=str(id_), ref=Reference["User"](f"{base}/Users/{id_}"), type="User")
        for id_ in ids
    ]
    version = version_of_group(department, ids)
    return Group(
        id=str(department.id),
        external_id=department.external_id,
        display_name=department.name,
        members=members or None,
        meta=_meta("Group", department.id, version, f"{base}/Groups"),
    )


def directory_group_of(group: Group) -> DirectoryGroup:
    """What a group says; raises `NotScim`."""
    try:
        ids = frozenset(UUID(member.value or "") for member in group.members or ())
    except ValueError as error:
        raise NotScim("a member's value is the id of a user") from error
    return DirectoryGroup(
        name=group.display_name or "", external_id=group.external_id or None, member_ids=ids
    )


def _email(user: User) -> str | None:
    """The one to keep: the primary, the one at work, or the first."""
    sent = [email for email in user.emails or () if email.value]
    sent.sort(key=lambda email: (not email.primary, (email.type or "").lower() != "work"))
    return sent[0].value if sent else None


def _as_email(user_name: str) -> str:
    try:
        return str(EmailAddress.model_validate({"value": user_name}).value)
    except ValueError as error:
        raise NotScim("emails: an address, unless the user name is one") from error


def _whole(parts: PersonName | None) -> str | None:
    if parts is None:
        return None
    named = " ".join(filter(None, (parts.given_name, parts.family_name)))
    return parts.formatted or named or None


def _meta(kind: str, id_: UUID, version: str, where: str) -> Meta:
    """Ids are UUIDv7, whose first 48 bits are the milliseconds at which they were made."""
    made_at = datetime.fromtimestamp((id_.int >> 80) / 1000, UTC)
    return Meta(resource_type=kind, created=made_at, location=f"{where}/{id_}", version=version)
