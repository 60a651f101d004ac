"""The outermost layer: request ids, security headers, and limits on what precedes a body."""

import re
from typing import Final

import structlog
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from florin_chassis.http.problems import problem_of
from florin_chassis.ids import new_id
from florin_gateway.browser_sessions import SET_COOKIES, SIGNED_OUT
from florin_gateway.rates import STATE
from florin_gateway.refusals import HeadersTooLarge, TargetTooLong

REQUEST_ID: Final = b"request-id"
TARGET_BYTES_MAX: Final = 8_192
HEADER_BYTES_MAX: Final = 32_768
_SANE_ID: Final = re.compile(rb"[A-Za-z0-9._-]{1,128}")
_SECURITY: Final = (
    (
        b"content-security-policy",
        b"default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    ),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"referrer-policy", b"no-referrer"),
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"cache-control", b"no-store"),
)
_TRANSPORT_SECURITY: Final = (b"strict-transport-security", b"max-age=31536000; includeSubDomains")


class Edge:
    """Middleware around everything, so that even a defect's answer carries its request id."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Refuse what is too much, else hand on; complete the answer's headers."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request_id = _request_id(scope)
        structlog.contextvars.bind_contextvars(request_id=request_id.decode())
        others = [pair for pair in scope["headers"] if pair[0] != REQUEST_ID]
        scope["headers"] = [*others, (REQUEST_ID, request_id)]
        secure = scope["scheme"] == "https"

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                _complete(message, request_id, secure=secure)
                for cookie in scope.get(SET_COOKIES, ()):
                    message["headers"].append((b"set-cookie", cookie))
                if SIGNED_OUT in scope:
                    message["headers"].append((b"clear-site-data", b'"cache", "storage"'))
                if STATE in scope:
                    _say_what_is_left(message, scope)
            await send(message)

        refusal = _too_much(scope)
        app = problem_of(refusal) if refusal else self._app
        await app(scope, receive, send_with_headers)


def _request_id(scope: Scope) -> bytes:
    """The caller's, if it is a sane one, so that both sides can search for the same word."""
    sent: list[bytes] = [value for name, value in scope["headers"] if name == REQUEST_ID]
    if len(sent) == 1 and _SANE_ID.fullmatch(sent[0]):
        return sent[0]
    return str(new_id()).encode()


def _complete(message: Message, request_id: bytes, *, secure: bool) -> None:
    """Add what the answer does not say itself."""
    headers = list(message.get("headers", ()))
    said = {name for name, _ in headers}
    headers += [pair for pair in _SECURITY if pair[0] not in said]
    if secure:
        headers.append(_TRANSPORT_SECURITY)
    message["headers"] = [*headers, (REQUEST_ID, request_id)]


def _say_what_is_left(message: Message, scope: Scope) -> None:
    """`RateLimit` for each limit that was counted; a refusal has said its own already."""
    states, policies = scope[STATE]
    headers = message["headers"]
    if states:
        headers.append((b"ratelimit", b", ".join(states)))
        headers.append((b"ratelimit-policy", b", ".join(policies)))


def _too_much(scope: Scope) -> TargetTooLong | HeadersTooLarge | None:
    if len(scope["raw_path"]) + len(scope["query_string"]) > TARGET_BYTES_MAX:
        return TargetTooLong(f"path and query have at most {TARGET_BYTES_MAX} bytes")
    if sum(len(name) + len(value) for name, value in scope["headers"]) > HEADER_BYTES_MAX:
        return HeadersTooLarge(f"headers have at most {HEADER_BYTES_MAX} bytes")
    return None
