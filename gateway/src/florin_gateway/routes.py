"""The route table: whose a path is, and which paths are open to callers without a token."""

import re
from dataclasses import dataclass
from typing import Final

from florin_gateway.refusals import MethodRefused, NoSuchRoute

_SEGMENTS: Final = {
    "identity": (
        "registrations", "sessions", "invitations", "users", "me", "impersonations", ".well-known",
        "applications", "service-accounts", "api-keys", "oauth2",
        "email-verifications", "email-changes", "password-resets", "security-log", "access",
    ),
    "providers": (
        "product-types", "plans", "catalogue", "country-packs",
        "providers", "companies", "departments", "employees", "products", "scim",
        "webhooks", "history", "tax-rules", "support-departments",
    ),
    "clients": ("clients", "orders", "services", "requests"),
    "payers": ("payers", "accounts", "invoices", "payments", "expenses"),
}  # fmt: skip

PUBLIC: Final = frozenset(
    {
        ("POST", "/registrations"),
        ("POST", "/sessions"),
        ("POST", "/sessions/refresh"),
        ("POST", "/sessions/second-factor"),
        ("POST", "/sessions/passkey/options"),
        ("POST", "/sessions/passkey"),
        ("POST", "/invitations/accept"),
        ("POST", "/email-verifications/confirm"),
        ("POST", "/email-changes/confirm"),
        ("POST", "/password-resets"),
        ("POST", "/password-resets/redeem"),
        ("GET", "/.well-known/jwks.json"),
        ("POST", "/oauth2/token"),
        ("GET", "/.well-known/openid-configuration"),
        ("GET", "/.well-known/oauth-authorization-server"),
        ("GET", "/oauth2/authorize"),
        ("POST", "/oauth2/authorize"),
        ("POST", "/oauth2/sign-in"),
        ("POST", "/oauth2/second-factor"),
        ("POST", "/oauth2/consent"),
        ("GET", "/oauth2/logout"),
        ("POST", "/oauth2/logout"),
        ("POST", "/oauth2/sign-out"),
        ("GET", "/oauth2/userinfo"),
        ("POST", "/oauth2/userinfo"),
        ("POST", "/oauth2/revoke"),
        ("GET", "/oauth2/pages.css"),
        ("GET", "/oauth2/passkey.js"),
    }
)
"""What a caller without a token may ask. The owners declare the same routes public."""

OWN_CREDENTIALS: Final = frozenset(
    {
        ("POST", "/oauth2/token"),
        ("POST", "/oauth2/revoke"),
        ("GET", "/oauth2/userinfo"),
        ("POST", "/oauth2/userinfo"),
    }
)
"""Where callers prove themselves to the owner, with credentials that are no token of ours."""

METHODS: Final = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
SAFE_METHODS: Final = frozenset({"GET", "HEAD", "OPTIONS"})

# A segment is never empty, `.` or `..`, and hides none of `/ \ . %` or a control character behind a
# percent sign: what is passed on means the same to the gateway and to the service.
_SEGMENT = (
    r"/(?!\.{1,2}(?:/|$))"
    r"(?:[A-Za-z0-9._~!$&'()*+,=:@-]|%(?![01]|25|2[eEfF]|5[cC]|7[fF])[0-9A-Fa-f]{2})+"
)
_PLAIN_PATH: Final = re.compile(rf"(?:{_SEGMENT})+")


@dataclass(frozen=True, slots=True)
class Route:
    """One row of the table; `path` names it in metrics and traces."""

    owner: str
    path: str


ROUTES: Final = {
    segment: Route(owner, f"/{segment}/*")
    for owner, segments in _SEGMENTS.items()
    for segment in segments
}


def is_owned(raw_path: bytes) -> bool:
    """Whether the path's first segment is in the table, well-formed or not."""
    return _first_segment(raw_path.decode("latin-1")) in ROUTES


def _first_segment(path: str) -> str:
    return path[1:].partition("/")[0]


def find_route(method: str, raw_path: bytes) -> Route:
    """The owner of a path as it was sent; raises `NoSuchRoute` or `MethodRefused`."""
    path = raw_path.decode("latin-1")
    route = ROUTES.get(_first_segment(path)) if _PLAIN_PATH.fullmatch(path) else None
    if route is None:
        raise NoSuchRoute
    if method not in METHODS:
        raise MethodRefused(f"{method} is answered nowhere")
    return route
