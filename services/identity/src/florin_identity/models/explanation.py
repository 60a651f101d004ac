"""Why a user may do a thing somewhere, or why not: the answer that a person at a desk needs."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final
from uuid import UUID

from florin_contracts.identity import UserStatus
from florin_contracts.permissions import Permission
from florin_identity.models.grounds import Grounds, Source, SourceKind
from florin_identity.models.rights import NOTHING, Rights


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
    PROOF_INCOMPLETE = "proof_incomplete"
    IMPERSONATING = "impersonating"
    NOT_IN_PERSON = "not_in_person"
    RECENT_PROOF_NEEDED = "recent_proof_needed"


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
    Verdict.PROOF_INCOMPLETE: (
        "A second factor is demanded of you: this session may be used to add or prove one only."
    ),
    Verdict.IMPERSONATING: "Nobody does this while acting for somebody else.",
    Verdict.NOT_IN_PERSON: "It is done in person only: no key and no program may.",
    Verdict.RECENT_PROOF_NEEDED: "You have to prove again who you are: it was too long ago.",
}


@dataclass(frozen=True, slots=True)
class Explanation:
    """`because` is what allows it; `missing` are departments that have yet to arrive here.

    `obstacles` is all that stands in the way, what is to be mended first before the rest.
    """

    user_id: UUID
    permission: Permission | None
    obstacles: tuple[Verdict, ...]
    because: tuple[Source, ...]
    reach: Rights
    missing: tuple[UUID, ...]

    @property
    def verdict(self) -> Verdict:
        """Allowed, or the first obstacle."""
        return self.obstacles[0] if self.obstacles else Verdict.ALLOWED

    @property
    def allowed(self) -> bool:
        """Whether the thing may be done."""
        return not self.obstacles

    @property
    def explanation(self) -> str:
        """In sentences: one for each obstacle."""
        sentences = [_SENTENCES[one] for one in self.obstacles or (Verdict.ALLOWED,)]
        if self.because:
            sentences.append(f"It is given by {_listed(map(_named, self.because))}.")
        if self.missing and not self.because:
            sentences.append("A department of the user's is not known here yet; it may allow it.")
        return " ".join(sentences)


def explain(
    grounds: Grounds, permission: Permission | None, places: Rights, here: Collection[Verdict] = ()
) -> Explanation:
    """`places` is where it shall be done, none for anywhere; `here` is what the token lacks.

    Without a `permission` it is what everybody may who can sign in.
    """
    because = tuple(source for source in grounds.sources() if permission in source.permissions)
    return Explanation(
        user_id=grounds.user.id,
        permission=permission,
        obstacles=_obstacles(grounds, None if permission is None else because, places, here),
        because=because,
        reach=grounds.places(),
        missing=tuple(id_ for id_ in grounds.department_ids if id_ not in grounds.departments),
    )


def allowed_to_everybody(user_id: UUID) -> Explanation:
    """Of what is public."""
    return Explanation(user_id, None, (), (), NOTHING, ())


def _obstacles(
    grounds: Grounds, because: tuple[Source, ...] | None, places: Rights, here: Collection[Verdict]
) -> tuple[Verdict, ...]:
    status, reach = grounds.user.status, grounds.places()
    closed = status in {UserStatus.LEFT, UserStatus.SUSPENDED}
    stands = {
        Verdict.LEFT: status is UserStatus.LEFT,
        Verdict.SUSPENDED: status is UserStatus.SUSPENDED,
        Verdict.SUSPENDED_WHERE_IT_BELONGS: grounds.suspended and not closed,
        Verdict.NOT_GRANTED: because == (),
        Verdict.BEYOND_REACH: bool(because) and not _meets(reach, places),
        Verdict.INVITED: status is UserStatus.INVITED,
    }
    own = [verdict for verdict in stands if stands[verdict]]
    # What is not allowed at all is missing from every token: that says nothing more.
    beside = [one for one in Verdict if one in here and not (own and one is Verdict.NOT_IN_TOKEN)]
    return (*own, *beside)


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
