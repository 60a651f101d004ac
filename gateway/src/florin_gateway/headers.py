"""Which headers cross the gateway: hop-by-hop ones never, those it vouches for said anew."""

from typing import Final

from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator
from starlette.types import Scope

from florin_gateway.wallet import without_ours

Headers = list[tuple[bytes, bytes]]
"""As ASGI has them: lower-case names, in the order they came."""

# RFC 9110, section 7.6.1, and what is still met in the wild.
_HOP_BY_HOP: Final = {
    b"connection", b"keep-alive", b"proxy-authenticate", b"proxy-authorization",
    b"proxy-connection", b"te", b"trailer", b"transfer-encoding", b"upgrade",
}  # fmt: skip
_SAID_ANEW: Final = {
    b"content-length", b"cookie", b"expect", b"forwarded", b"host", b"traceparent", b"tracestate",
    b"x-forwarded-for", b"x-forwarded-host", b"x-forwarded-port", b"x-forwarded-prefix",
    b"x-forwarded-proto", b"x-real-ip",
}  # fmt: skip
_OF_ONE_RESOURCE: Final = {
    b"accept-encoding", b"content-encoding", b"content-type", b"idempotency-key", b"if-match",
    b"if-modified-since", b"if-none-match", b"if-range", b"if-unmodified-since", b"range",
}  # fmt: skip
_NOT_BACK: Final = {b"date", b"server", b"request-id", b"x-powered-by"}
_TO_SERVICE: Final = frozenset(_HOP_BY_HOP | _SAID_ANEW)
_TO_CALLER: Final = frozenset(_HOP_BY_HOP | _NOT_BACK)
_propagator = TraceContextTextMapPropagator()


def to_service(scope: Scope) -> Headers:
    """The headers of a request as a service gets them, with the present span as their trace."""
    came: Headers = scope["headers"]
    host = next((value for name, value in came if name == b"host"), b"")
    cookies = [without_ours(value) for name, value in came if name == b"cookie"]
    return [
        *_without(came, _TO_SERVICE),
        *((b"cookie", value) for value in cookies if value),
        *traced(),
        (b"x-forwarded-for", caller_of(scope)),
        (b"x-forwarded-proto", scope["scheme"].encode()),
        (b"x-forwarded-host", host),
    ]


def to_part(forwarded: Headers) -> Headers:
    """Forwarded headers without those that concern one resource only, for a part of a view."""
    unfit = _OF_ONE_RESOURCE | {b"traceparent", b"tracestate"}
    return [*_without(forwarded, unfit), *traced()]


def to_caller(answered: Headers) -> Headers:
    """The headers of a service's answer as the caller gets them."""
    return _without(answered, _TO_CALLER)


def traced() -> Headers:
    """The present span as W3C trace headers."""
    carrier: dict[str, str] = {}
    _propagator.inject(carrier)
    return [(name.encode(), value.encode()) for name, value in carrier.items()]


def _without(headers: Headers, dropped: frozenset[bytes] | set[bytes]) -> Headers:
    named = [value for name, value in headers if name == b"connection"]
    if named:  # a sender may declare any header as meant for the next hop only
        dropped = dropped | {n.strip().lower() for n in b",".join(named).split(b",")}
    return [pair for pair in headers if pair[0] not in dropped]


def caller_of(scope: Scope) -> bytes:
    """The caller's address; behind a trusted proxy, uvicorn has put the proxy's word here."""
    client = scope.get("client")
    return client[0].encode() if client else b"unknown"
