"""OpenTelemetry: one trace from the gateway's door to the last consumer's effect."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from opentelemetry import trace
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.sdk.trace.sampling import ParentBased, TraceIdRatioBased
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from florin_chassis.metrics import REQUESTS
from florin_chassis.settings import HttpSettings

TRACEPARENT: Final = "traceparent"
_tracer = trace.get_tracer("florin")
_QUIET: Final = {"/livez", "/readyz", "/metrics"}


def configure_telemetry(service: str, settings: HttpSettings) -> TracerProvider:
    """Sample new traces by ratio, follow the parent's decision in others; export if told where."""
    provider = TracerProvider(
        resource=Resource.create({"service.name": f"florin-{service}"}),
        sampler=ParentBased(TraceIdRatioBased(settings.trace_ratio)),
    )
    if settings.otlp_endpoint:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import (  # noqa: PLC0415 - slow
            OTLPSpanExporter,
        )

        exporter = OTLPSpanExporter(endpoint=f"{settings.otlp_endpoint}/v1/traces", timeout=2)
        provider.add_span_processor(BatchSpanProcessor(exporter, schedule_delay_millis=500))
    trace.set_tracer_provider(provider)
    return provider


@contextmanager
def continuing(traceparent: str | None, name: str, kind: trace.SpanKind) -> Iterator[trace.Span]:
    """A span within the trace that a W3C `traceparent` names, or a new one."""
    carrier = {TRACEPARENT: traceparent} if traceparent else {}
    parent = TraceContextTextMapPropagator().extract(carrier)
    with _tracer.start_as_current_span(name, parent, kind) as span:
        yield span


class Observed:
    """Middleware: a server span and a duration for every request."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer the request within a span."""
        if scope["type"] != "http" or scope["path"] in _QUIET:
            await self._app(scope, receive, send)
            return
        started, status = time.perf_counter(), 500

        async def remember_status(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        traceparent = dict(scope["headers"]).get(b"traceparent", b"").decode("latin-1")
        method = scope["method"]
        with continuing(traceparent, f"{method}", trace.SpanKind.SERVER) as span:
            try:
                await self._app(scope, receive, remember_status)
            finally:
                route = getattr(scope.get("route"), "path", "unmatched")
                span.update_name(f"{method} {route}")
                span.set_attribute("http.request.method", method)
                span.set_attribute("http.route", route)
                span.set_attribute("http.response.status_code", status)
                seconds = time.perf_counter() - started
                REQUESTS.labels(method, route, status).observe(seconds)
