"""A tiny OpenTelemetry collector: keeps the spans that processes send it over OTLP/HTTP."""

import threading
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Self

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest


@dataclass(frozen=True)
class Span:
    """One span: which service did what, and after which other span."""

    trace_id: str
    span_id: str
    parent_id: str
    service: str
    name: str


class Collector:
    """Listens on a free port while its block lasts."""

    def __init__(self) -> None:
        self._spans: list[Span] = []
        self._arrived = threading.Condition()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)

    @property
    def url(self) -> str:
        """What a process is given as its endpoint."""
        return f"http://127.0.0.1:{self._server.server_port}"

    def wait_for(self, trace_id: str, services: set[str], *, timeout_s: float) -> list[Span]:
        """The spans of a trace, as soon as all these services have sent one or the time is over."""
        with self._arrived:
            self._arrived.wait_for(lambda: services <= self._services(trace_id), timeout_s)
            return [span for span in self._spans if span.trace_id == trace_id]

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def _services(self, trace_id: str) -> set[str]:
        return {span.service for span in self._spans if span.trace_id == trace_id}

    def _take(self, body: bytes) -> None:
        request = ExportTraceServiceRequest.FromString(body)
        with self._arrived:
            self._spans += [
                span for resource in request.resource_spans for span in _spans(resource)
            ]
            self._arrived.notify_all()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        take = self._take

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                take(self.rfile.read(int(self.headers["Content-Length"])))
                self.send_response(200)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_: object) -> None:
                return

        return Handler


def _spans(resource) -> list[Span]:  # type: ignore[no-untyped-def] # generated code without types
    attributes = {a.key: a.value.string_value for a in resource.resource.attributes}
    return [
        Span(
            trace_id=span.trace_id.hex(),
            span_id=span.span_id.hex(),
            parent_id=span.parent_span_id.hex(),
            service=attributes["service.name"],
            name=span.name,
        )
        for scope in resource.scope_spans
        for span in scope.spans
    ]
