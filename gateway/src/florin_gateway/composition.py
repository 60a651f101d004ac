"""The engine of composed views: all parts at once, each with the caller's own rights."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import orjson
from opentelemetry.trace import SpanKind
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from florin_chassis.errors import Refusal
from florin_chassis.http.problems import problem_of
from florin_chassis.telemetry import continuing
from florin_gateway.door import Door
from florin_gateway.headers import Headers, to_part, to_service, traced
from florin_gateway.refusals import ServiceTooSlow, ServiceUnavailable
from florin_gateway.upstream import Question, Upstreams
from florin_gateway.views import Part, View
from florin_gateway.wire import Lost

_WITHHELD: Final = {403, 404}
_STALE: Final = b"florin-stale"
_PASSED_ON: Final = {"content-type", "www-authenticate", "retry-after", "florin-stale"}


@dataclass(frozen=True, slots=True)
class Piece:
    """What became of one part: its owner's status, headers and body."""

    part: Part
    status: int
    headers: Headers
    body: bytes

    @property
    def had(self) -> bool:
        """Whether it is what was asked for."""
        return self.status == 200 and self._says(b"content-type", b"application/json")  # noqa: PLR2004

    @property
    def stale(self) -> bool:
        """Whether its owner could not wait for the caller's position."""
        return self._says(_STALE, b"true")

    def _says(self, name: bytes, value: bytes) -> bool:
        return any(n == name and v.startswith(value) for n, v in self.headers)

    def as_answer(self) -> Response:
        """The owner's own answer, for a part without which there is no view."""
        headers = {n.decode(): v.decode("latin-1") for n, v in self.headers}
        kept = {name: value for name, value in headers.items() if name in _PASSED_ON}
        return Response(self.body, self.status, kept)


class Composer:
    """Answers views."""

    def __init__(self, door: Door, services: Upstreams, part_timeout_s: float) -> None:
        self._door, self._services, self._part_timeout_s = door, services, part_timeout_s

    def route(self, view: View) -> Route:
        """The route that answers a view; its parameters are UUIDs."""

        async def answer(request: Request) -> Response:
            await self._door.admit(request.scope)
            request.scope["route"] = view
            ids = {name: str(value) for name, value in request.path_params.items()}
            return await self._compose(view, ids, to_service(request.scope))

        return Route(view.path.replace("}", ":uuid}"), answer, methods=["GET"])

    async def _compose(self, view: View, ids: Mapping[str, str], headers: Headers) -> Response:
        asked = [asyncio.ensure_future(self._ask(part, ids, headers)) for part in view.parts]
        try:
            for part, piece in zip(view.parts, asked, strict=True):
                if part.required and not (await piece).had:
                    return (await piece).as_answer()
            return _together(await asyncio.gather(*asked))
        finally:
            for piece in asked:
                piece.cancel()

    async def _ask(self, part: Part, ids: Mapping[str, str], headers: Headers) -> Piece:
        limit_s = None if part.required else self._part_timeout_s
        with continuing(_parent(), f"part {part.name}", SpanKind.CLIENT):
            question = Question("GET", part.path.format(**ids).encode(), to_part(headers))
            try:
                async with (
                    asyncio.timeout(limit_s),
                    self._services[part.owner].ask(question) as answer,
                ):
                    return Piece(part, answer.status, answer.headers, await answer.whole())
            except Refusal as refusal:
                return _piece_of(part, refusal)
            except TimeoutError:
                fault = "did not answer in time"
                return _piece_of(part, ServiceTooSlow.of(part.owner, fault, outcome_unknown=False))
            except Lost:
                fault = "broke off its answer"
                return _piece_of(
                    part, ServiceUnavailable.of(part.owner, fault, outcome_unknown=False)
                )


def _parent() -> str | None:
    return next((value.decode() for name, value in traced() if name == b"traceparent"), None)


def _piece_of(part: Part, refusal: Refusal) -> Piece:
    problem = problem_of(refusal)
    return Piece(part, problem.status_code, problem.raw_headers, bytes(problem.body))


def _together(pieces: list[Piece]) -> Response:
    """One document; the parts' own JSON goes into it unread."""
    document: dict[str, object] = {
        piece.part.name: orjson.Fragment(piece.body) if piece.had else None for piece in pieces
    }
    missing = [piece for piece in pieces if not piece.had]
    document["withheld"] = [p.part.name for p in missing if p.status in _WITHHELD]
    document["unavailable"] = [p.part.name for p in missing if p.status not in _WITHHELD]
    stale = {"Florin-Stale": "true"} if any(piece.stale for piece in pieces) else None
    return Response(orjson.dumps(document), 200, stale, media_type="application/json")
