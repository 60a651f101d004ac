"""Why a user may do a thing somewhere, or why not: the answer that a person at a desk needs."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final
from uuid import UUID

from florin_contracts.identity import UserStatus
from florin_contracts.permissions import Permission
from florin_identity.models.grounds import Grounds, Source, SourceKind
from florin_identity.models.rights import Rights


class Verdict(StrEnum):
    """Allowed, or the first thing that stands in the way."""

    ALLOWED = "allowed"
    LEFT = "left"
    SUSPENDED = "suspended"
    SUSPENDED_WHERE_IT_BELONGS = "suspended_where_it_belongs"
    NOT_GRANTED = "not_granted"
    BEYOND_REACH = "beyond_reach"
    INVITED = "invited"
    NOT_IN_TOKEN = "not_in_token"  # noqa: S105 - a word


_SENTENCES: Final = {
    Verdict.ALLOWED: "Allowed.",
    Verdict.LEFT: "The user has left: its login is closed for good.",
    Verdict.SUSPENDED: "The login is suspended: nothing is allowed.",
    Verdict.SUSPENDED_WHERE_IT_BELONGS: (
        "The employee or client's user is suspended, or is there no more: nothing is allowed."
    ),
    Verdict.NOT_GRANTED: "No department, section, role or grant of the user's allows it.",
    Verdict.BEYOND_REACH: "It is allowed elsewhere: this is beyond the user's reach.",
    Verdict.INVITED: "It is granted, but the user has not set a password yet.",
    Verdict.NOT_IN_TOKEN: (
        "You may, but not with this token: a key allows its scopes only, an impersonation the"
        " client's rights, and a right granted since is in the next token."
    ),
}


@dataclass(frozen=True, slots=True)
class Explanation:
    """`because` is what allows it; `missing` are departments that have yet to arrive here."""

    user_id: UUID
    permission: Permission
    verdict: Verdict
    because: tuple[Source, ...]
    reach: Rights
    missing: tuple[UUID, ...]

    @property
    def allowed(self) -> bool:
        """Whether the thing may be done."""
        return self.verdict is Verdict.ALLOWED

    @property
    def explanation(self) -> str:
        """In a sentence, or two."""
        sentences = [_SENTENCES[self.verdict]]
        if self.because:
            sentences.append(f"It is given by {_listed(map(_named, self.because))}.")
        if self.missing and not self.because:
            sentences.append("A department of the user's is not known here yet; it may allow it.")
        return " ".join(sentences)


def explain(
    grounds: Grounds, permission: Permission, places: Rights, *, in_token: bool = True
) -> Explanation:
    """`places` is where it shall be done, none for anywhere; `in_token` is whether it says so."""
    because = tuple(source for source in grounds.sources() if permission in source.permissions)
    return Explanation(
        user_id=grounds.user.id,
        permission=permission,
        verdict=_verdict(grounds, because, places, in_token=in_token),
        because=because,
        reach=grounds.places(),
        missing=tuple(id_ for id_ in grounds.department_ids if id_ not in grounds.departments),
    )


def _verdict(
    grounds: Grounds, because: tuple[Source, ...], places: Rights, *, in_token: bool
) -> Verdict:
    status, reach = grounds.user.status, grounds.places()
    obstacles = {
        Verdict.LEFT: status is UserStatus.LEFT,
        Verdict.SUSPENDED: status is UserStatus.SUSPENDED,
        Verdict.SUSPENDED_WHERE_IT_BELONGS: grounds.suspended,
        Verdict.NOT_GRANTED: not because,
        Verdict.BEYOND_REACH: not _meets(reach, places),
        Verdict.INVITED: status is UserStatus.INVITED,
        Verdict.NOT_IN_TOKEN: not in_token,
    }
    return next((verdict for verdict, stands in obstacles.items() if stands), Verdict.ALLOWED)


def _meets(reach: Rights, places: Rights) -> bool:
    """Whether any of these places is within reach; no place is asked for, any will do."""
    if reach.everywhere:
        return True
    if not places.reach:
        return bool(reach.reach)
    return any(ids & reach.reach.get(name, frozenset()) for name, ids in places.reach.items())


def _named(source: Source) -> str:
    if source.kind is SourceKind.SECTION:
        return f"section {source.section} of department {source.name}"
    if source.kind is SourceKind.DEPARTMENT:
        return f"department {source.name}"
    if source.kind is SourceKind.ROLE:
        return f"role {source.name}"
    return "being an administrator" if source.kind is SourceKind.ADMINISTRATOR else "an own grant"


def _listed(names: Iterable[str]) -> str:
    return ", ".join(sorted(names))
