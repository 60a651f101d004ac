"""The tree of refusals: every way in which Florin says no, each with a status and a stable code.

Refusal (409)               a business rule was broken; subclasses are named after the rule
├── NotFound (404)          it does not exist, or not for this actor
├── Unauthenticated (401)   who are you
├── Forbidden (403)         you may not
│   ├── NotInPerson         not while impersonating, nor by a key
│   └── ProofIncomplete     not before you have proved more
├── Malformed (422)         the request itself is wrong; names field and reason
├── VersionMismatch (412)   someone changed it since you read it
├── ConcurrentChange (409)  someone is changing it right now
├── TooLarge (413)          the body is larger than allowed
├── TooManyRequests (429)   more often than allowed; says when to try again
└── Unavailable (503)       a part that is needed does not answer; try again
NotYet                      no refusal: an event came before one it depends on; it is tried again
ConsumerHalted              no refusal: the consumer stops, a person has to look
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar


class Refusal(Exception):
    """A request that a rule refuses: `detail` is for people, `code` and `extra` for programs."""

    status: ClassVar[int] = 409
    code: ClassVar[str] = "refused"
    headers: Mapping[str, str] = {}
    keeps: ClassVar[bool] = False
    """Whether what its transaction wrote stays: a failed attempt counts, though it is refused."""

    def __init__(self, detail: str, **extra: Any) -> None:
        super().__init__(detail)
        self.detail = detail
        self.extra = extra

    @classmethod
    def broken(cls) -> "Refusal":
        """The refusal of a constraint that only the database saw broken; its docstring says it."""
        return cls((cls.__doc__ or cls.code).strip())

    def problem(self) -> dict[str, Any]:
        """The RFC 9457 document."""
        return {
            "type": f"urn:florin:problem:{self.code}",
            "title": self.code.replace("_", " ").capitalize(),
            "status": self.status,
            "code": self.code,
            "detail": self.detail,
            **self.extra,
        }


class NotFound(Refusal):
    """It does not exist, or not for this actor: the two look the same from outside."""

    status, code = 404, "not_found"


class Unauthenticated(Refusal):
    """No token, or none that can be trusted."""

    status, code = 401, "unauthenticated"
    headers: Mapping[str, str] = {"WWW-Authenticate": "Bearer"}


class Forbidden(Refusal):
    """The actor is known and may not do this."""

    status, code = 403, "forbidden"


class NotInPerson(Forbidden):
    """Only whoever signed in itself may do this: no impersonator, no key, no program."""

    code = "not_in_person"


class ProofIncomplete(Forbidden):
    """The session may only be used to add or give the second factor that is demanded."""

    code = "proof_incomplete"


class Malformed(Refusal):
    """The request is not of the form that the document describes."""

    status, code = 422, "malformed"

    @classmethod
    def field(cls, field: str, reason: str, code: str = "invalid") -> "Malformed":
        """A refusal of one field, in the same shape as a failed body validation."""
        return cls(f"{field}: {reason}", errors=[{"field": field, "code": code, "reason": reason}])


class VersionMismatch(Refusal):
    """`If-Match` names another version than the present one."""

    status, code = 412, "version_mismatch"


class ConcurrentChange(Refusal):
    """Two changes of one aggregate met; this one lost and left nothing behind."""

    code = "concurrent_change"
    headers: Mapping[str, str] = {"Retry-After": "1"}


class TooLarge(Refusal):
    """The body has more bytes than are accepted."""

    status, code = 413, "too_large"


@dataclass(frozen=True, slots=True)
class Quota:
    """How often something may be done, by its name: so many times within so many seconds."""

    name: str
    count: int
    window_s: int

    def policy(self) -> str:
        """For `RateLimit-Policy`. Source: draft-ietf-httpapi-ratelimit-headers-11, section 3."""
        return f'"{self.name}";q={self.count};w={self.window_s}'

    def state(self, left: int, reset_s: int) -> str:
        """For `RateLimit`: how often it may be done yet, and when that is more again."""
        return f'"{self.name}";r={left};t={reset_s}'


class TooManyRequests(Refusal):
    """It was asked more often than a quota allows. Waiting helps, and the answer says how long."""

    status, code = 429, "too_many_requests"

    def __init__(self, detail: str, quota: Quota, retry_after_s: int) -> None:
        super().__init__(detail, retry_after_s=retry_after_s)
        self.headers = {
            "Retry-After": str(retry_after_s),
            "RateLimit": quota.state(0, retry_after_s),
            "RateLimit-Policy": quota.policy(),
        }


class Unavailable(Refusal):
    """Something this request needs does not answer now."""

    status, code = 503, "unavailable"
    headers: Mapping[str, str] = {"Retry-After": "2"}


class ConsumerHalted(Exception):
    """Too many events in a row failed: rather a bad deploy than so many bad events."""


class NotYet(Exception):
    """An event depends on another that has not arrived; the consumer tries again, in order."""
