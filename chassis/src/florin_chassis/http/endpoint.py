"""What happens around every route: who asks, may they, have they asked before; then one commit."""

from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager
from typing import Annotated, Any, Final, TypeAlias

import structlog
from fastapi import APIRouter, Depends, Request, Response
from fastapi.routing import APIRoute
from sqlalchemy.ext.asyncio import AsyncSession

from florin_chassis.actor import ANONYMOUS, Actor
from florin_chassis.errors import Refusal, Unauthenticated
from florin_chassis.http.idempotency import Key
from florin_chassis.http.positions import POSITION, STALE, position_of, wait_for_position
from florin_chassis.http.problems import problem_of
from florin_chassis.origin import Origin, origin_of
from florin_chassis.runtime import Runtime
from florin_chassis.transaction import Begin, Transaction, transact

PUBLIC: Final = "public"
"""The permission of a route that anyone may call, signed in or not."""

SIGNED_IN: Final = "signed-in"
"""The permission of a route about the actor itself: any valid token will do."""

PERMISSION: Final = "x-permission"
IN_PERSON: Final = "x-in-person"
PROVISIONAL: Final = "x-provisional"
HOLDS_SECRET: Final = "x-secret-answer"  # noqa: S105 - the name of a mark
MARKS: Final = "__marks__"
"""The attribute of a dependency, by whose marks each route that depends on it is marked."""
IN_PARTS: Final = "x-in-parts"
"""The mark, in `openapi_extra`, of several requests in one: each keeps its own answer."""

_SAFE: Final = {"GET", "HEAD", "OPTIONS"}
_REFUSING: Final = "__refusing__"
_log = structlog.get_logger(__name__)

Refusing: TypeAlias = Callable[[Request, Refusal], Awaitable[Response]]
"""How a route says no: in the words of a protocol, or as a page."""


async def _as_problem(_: Request, refusal: Refusal) -> Response:
    return problem_of(refusal)


async def authorize(request: Request, permission: str, *, provisional: bool) -> Actor:
    """The actor of a request, holding the permission; raises `Unauthenticated` or `Forbidden`.

    `provisional` says that one whose proof is incomplete will do.
    """
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if permission == PUBLIC:
        return ANONYMOUS
    if scheme.lower() != "bearer" or not token:
        raise Unauthenticated("this needs an access token")
    actor = await request.app.state.runtime.verifier.verify(token.strip())
    if not provisional:
        actor.require_proved()
    if permission != SIGNED_IN:
        actor.require(permission)
    return actor  # type: ignore[no-any-return]


class Exchange:
    """One request's session: what the use case wrote is committed with its answer."""

    def __init__(
        self, runtime: Runtime, actor: Actor, session: AsyncSession, origin: Origin
    ) -> None:
        self.runtime, self.actor, self.session, self.origin = runtime, actor, session, origin
        self.transaction: Transaction | None = None
        session.info["origin"] = origin

    @asynccontextmanager
    async def begin(self) -> AsyncIterator[Transaction]:
        """The request's `Begin`; the commit follows when the answer is rendered, before sending."""
        if self.transaction is not None:
            raise AssertionError("one use case is one transaction: this request began its second")
        async with transact(self.session, self.runtime.service, self.actor) as transaction:
            self.transaction = transaction
            yield transaction

    async def settle(self, response: Response, key: Key | None) -> Response:
        """Keep the answer under its key and commit both it and the effect."""
        if self.transaction is not None and self.transaction.facts:
            response.headers[POSITION] = position_of(self.transaction)
        if key is not None:
            await key.keep(self.session, response)
        if self.transaction is not None or key is not None:
            await self.runtime.commit(self.session)
        return response


class Endpoint(APIRoute):
    """A route that declares its permission. Without one the service does not start."""

    def __init__(self, path: str, endpoint: Callable[..., Any], **options: Any) -> None:
        super().__init__(path, endpoint, **options)
        declared = {**(self.openapi_extra or {})}
        for needed in self.dependant.dependencies:
            declared |= getattr(needed.call, MARKS, {})
        self.openapi_extra = declared
        if PERMISSION not in declared:
            raise TypeError(f"{self.methods} {path} declares no permission")
        self.permission: str = declared[PERMISSION]
        self.in_person = bool(declared.get(IN_PERSON))
        self.refusing: Refusing = getattr(endpoint, _REFUSING, _as_problem)
        self.provisional = bool(declared.get(PROVISIONAL))
        unkept = declared.get(HOLDS_SECRET) or declared.get(IN_PARTS)
        self.keeps_answers = not unkept and not (self.methods or set()) <= _SAFE

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Starlette's hook: the handler that is called for each request."""
        handle = super().get_route_handler()

        async def answer(request: Request) -> Response:
            try:
                return await answer_admitted(request)
            except Refusal as refusal:  # who asks, may they: before there is a session
                _log.info("not admitted", code=refusal.code, path=self.path, method=request.method)
                return await self.refusing(request, refusal)

        async def answer_admitted(request: Request) -> Response:
            runtime: Runtime = request.app.state.runtime
            actor = await authorize(request, self.permission, provisional=self.provisional)
            if self.in_person:
                actor.require_in_person()
            current = await wait_for_position(request, runtime)
            await request.body()  # before FastAPI, which makes any fault of it a 400
            key = await Key.of(request, actor.name) if self.keeps_answers else None
            async with runtime.database.session(actor) as session:
                request.state.exchange = Exchange(runtime, actor, session, origin_of(request))
                request.state.refusing = self.refusing
                try:
                    response = await _answer_once(request.state.exchange, key, handle, request)
                except Refusal as refusal:  # it too says below whether it may be of yesterday
                    response = await self.refusing(request, refusal)
            if not current:
                response.headers[STALE] = "true"
            return response

        return answer


async def _answer_once(
    exchange: Exchange,
    key: Key | None,
    handle: Callable[[Request], Coroutine[Any, Any, Response]],
    request: Request,
) -> Response:
    if key is not None and (kept := await key.claim(exchange.session)):
        return kept
    try:
        response = await handle(request)
    except Refusal as refusal:
        passing = "Retry-After" in refusal.headers  # the same request may well succeed later
        if refusal.keeps and exchange.transaction is not None:
            answer = await request.state.refusing(request, refusal)
            return await exchange.settle(answer, None if passing else key)
        if key is None or exchange.transaction is None or passing:
            raise
        return await _keep_refusal(exchange, key, await request.state.refusing(request, refusal))
    return await exchange.settle(response, key)


async def _keep_refusal(exchange: Exchange, key: Key, answer: Response) -> Response:
    """A use case's refusal is an answer too: the same request gets the same one again."""
    await exchange.session.rollback()
    async with exchange.runtime.database.session(exchange.actor) as session:
        second = Exchange(exchange.runtime, exchange.actor, session, exchange.origin)
        return await second.settle(answer, key)


class Router(APIRouter):
    """A router whose every route names its permission: `@router.post("/x", permission=...)`.

    `secret_answer` says that the answer holds a secret and must not be kept for idempotency;
    `in_person` that neither an impersonator nor a key may ask: it is about credentials;
    `provisional` that who has yet to prove more may ask too; `refusing` how it says no, where that
    is not by a problem document.
    """

    def __init__(self, **options: Any) -> None:
        super().__init__(route_class=Endpoint, **options)

    def api_route(
        self,
        path: str,
        *,
        permission: str = "",
        secret_answer: bool = False,
        in_person: bool = False,
        refusing: Refusing | None = None,
        provisional: bool = False,
        **options: Any,
    ) -> Callable[..., Any]:
        """Declare a route; without a `permission` the service does not start."""
        extra = {**(options.pop("openapi_extra", None) or {})}
        if permission:
            extra[PERMISSION] = str(permission)
        if secret_answer:
            extra[HOLDS_SECRET] = "true"
        if in_person:
            extra[IN_PERSON] = "true"
        if provisional:
            extra[PROVISIONAL] = "true"
        declare = super().api_route(path, openapi_extra=extra, **options)

        def decorate(function: Callable[..., Any]) -> Callable[..., Any]:
            if refusing is not None:
                setattr(function, _REFUSING, refusing)  # survives the router's own copying
            return declare(function)

        return decorate

    def get(self, path: str, **options: Any) -> Callable[..., Any]:
        """Declare a read."""
        return self.api_route(path, methods=["GET"], **options)

    def post(self, path: str, **options: Any) -> Callable[..., Any]:
        """Declare an act that makes something: it answers 201 unless `status_code` says more."""
        return self.api_route(path, methods=["POST"], **{"status_code": 201, **options})

    def put(self, path: str, **options: Any) -> Callable[..., Any]:
        """Declare a replacement as a whole."""
        return self.api_route(path, methods=["PUT"], **options)

    def patch(self, path: str, **options: Any) -> Callable[..., Any]:
        """Declare a change of some fields."""
        return self.api_route(path, methods=["PATCH"], **options)

    def delete(self, path: str, **options: Any) -> Callable[..., Any]:
        """Declare an end: it answers 204, without a body."""
        return self.api_route(path, methods=["DELETE"], **{"status_code": 204, **options})


async def _begin(request: Request) -> Begin:
    return request.state.exchange.begin  # type: ignore[no-any-return]


async def _reading(request: Request) -> AsyncSession:
    return request.state.exchange.session  # type: ignore[no-any-return]


async def _actor(request: Request) -> Actor:
    return request.state.exchange.actor  # type: ignore[no-any-return]


BeginTransaction = Annotated[Begin, Depends(_begin)]
Reading = Annotated[AsyncSession, Depends(_reading)]
CurrentActor = Annotated[Actor, Depends(_actor)]
