"""A program that was admitted: whose rights it has, and by what it proved itself."""

from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from florin_identity.models.oauth import InvalidScope
from florin_identity.models.rights import Rights

SERVICE_ACCOUNT = "service-account"
USER = "user"


@dataclass(frozen=True, slots=True)
class Program:
    """What its token says: `grant_id` is the secret or the API key that it was let in by.

    No token of it lives longer than until `expires_at`.
    """

    kind: str
    owner_id: UUID
    grant_id: UUID
    access: Rights
    expires_at: datetime | None = None


def narrowed(access: Rights, scopes: frozenset[str]) -> Rights:
    """The part of the access that lies within the scopes."""
    return replace(access, permissions=access.permissions & scopes)


def scoped(access: Rights, scope: str | None) -> Rights:
    """What a program asks for of what it may; all of it if it does not say.

    Raises `InvalidScope`. Source: RFC 6749, section 3.3.
    """
    if scope is None:
        return access
    wanted = frozenset(scope.split(" "))
    if not wanted <= access.permissions:
        raise InvalidScope("a scope is unknown, or more than the client may do")
    return narrowed(access, wanted)
