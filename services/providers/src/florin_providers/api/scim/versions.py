"""ETags of SCIM resources: `meta.version`, and the conditions that name one (RFC 7644, 3.14)."""

import hashlib
from collections.abc import Iterable
from uuid import UUID

from fastapi import Request

from florin_chassis.errors import VersionMismatch
from florin_providers.models import Department, Employee


def version_of_user(employee: Employee) -> str:
    """An employee's version."""
    return f'W/"{employee.version}"'


def version_of_group(department: Department, member_ids: Iterable[UUID]) -> str:
    """A department's version does not tell who is in it, so that is added."""
    members = hashlib.sha256(b"".join(id_.bytes for id_ in sorted(member_ids)))
    return f'W/"{department.version}-{members.hexdigest()[:16]}"'


def require_match(request: Request, version: str) -> None:
    """Raise `VersionMismatch` when `If-Match` names other versions than the present one."""
    header = request.headers.get("if-match")
    if header is not None and not _names(header, version):
        raise VersionMismatch(f"this is version {version} now: read it again")


def expected_version(request: Request) -> int | None:
    """The version that `If-Match` names, to be ended; none that ever was where it names no one."""
    tag = request.headers.get("if-match", "*").strip().removeprefix("W/").strip('"')
    if tag == "*":
        return None
    return int(tag) if tag.isascii() and tag.isdigit() else -1


def is_known(request: Request, version: str) -> bool:
    """Whether `If-None-Match` says that the caller has this version."""
    header = request.headers.get("if-none-match")
    return header is not None and _names(header, version)


def _names(header: str, version: str) -> bool:
    """Compared weakly (RFC 9110, section 8.8.3.2): no answer of ours is bound to its bytes."""
    named = {tag.strip().removeprefix("W/") for tag in header.split(",")}
    return "*" in named or version.removeprefix("W/") in named
