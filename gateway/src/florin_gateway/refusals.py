"""What the gateway itself refuses; everything else is said by a service and passed on.

Refusal
├── NoSuchRoute (404)           no service owns the path
├── MethodRefused (405)         a method that no service answers
├── BodyTooSlow (408)           the caller did not send its body in time
├── TargetTooLong (414)         path and query together
├── HeadersTooLarge (431)       all headers together
├── Unavailable (503)
│   └── ServiceUnavailable      the owner cannot be reached, or the connection was lost
└── ServiceTooSlow (504)        the owner did not answer in time
"""

from collections.abc import Mapping
from typing import Any, Final, Self

from florin_chassis.errors import Refusal, Unavailable

REPEAT: Final = (
    "whether it took effect is not known: repeat the request with the same Idempotency-Key"
)


class NoSuchRoute(Refusal):
    """The path is none of ours; said the same of internal and of ill-formed paths."""

    status, code = 404, "no_such_route"

    def __init__(self) -> None:
        super().__init__("there is nothing at this path")


class MethodRefused(Refusal):
    """The method is one that no service answers."""

    status, code = 405, "method_not_allowed"
    headers: Mapping[str, str] = {"Allow": "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS"}


class BodyTooSlow(Refusal):
    """The body did not arrive in time."""

    status, code = 408, "body_too_slow"
    headers: Mapping[str, str] = {"Connection": "close"}


class TargetTooLong(Refusal):
    """Path and query have more bytes than are accepted."""

    status, code = 414, "target_too_long"


class HeadersTooLarge(Refusal):
    """The headers have more bytes than are accepted."""

    status, code = 431, "headers_too_large"


class _OfService(Refusal):
    """A fault of one service, told with its name and what became of the request."""

    @classmethod
    def of(cls, service: str, fault: str, *, outcome_unknown: bool) -> Self:
        """The refusal; a write of unknown outcome says how to find out."""
        extra: dict[str, Any] = {"service": service}
        if outcome_unknown:
            extra["outcome"] = "unknown"
        detail = f"the {service} service {fault}"
        return cls(f"{detail}; {REPEAT}" if outcome_unknown else detail, **extra)


class ServiceUnavailable(_OfService, Unavailable):
    """The service cannot be reached, or the connection to it was lost."""

    code = "service_unavailable"


class ServiceTooSlow(_OfService):
    """The service did not answer within the time limit."""

    status, code = 504, "service_timeout"
    headers: Mapping[str, str] = {"Retry-After": "2"}
