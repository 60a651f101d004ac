"""Every refusal and fault as an RFC 9457 problem document."""

from collections.abc import Mapping
from typing import Any

import orjson
import structlog
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from starlette.exceptions import HTTPException

from florin_chassis.database import is_transient, sqlstate
from florin_chassis.errors import Malformed, Refusal, Unavailable

_log = structlog.get_logger(__name__)
_PLACES = {"body", "query", "path", "header"}


class Problem(Response):
    """A problem document as a response."""

    media_type = "application/problem+json"

    def __init__(
        self, problem: Mapping[str, Any], headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(orjson.dumps(problem), problem["status"], dict(headers or {}))


def problem_of(refusal: Refusal) -> Problem:
    """The response that a refusal becomes."""
    return Problem(refusal.problem(), refusal.headers)


def invalid(error: RequestValidationError) -> Malformed:
    """A failed validation, naming each field and the reason, never the value."""
    errors = [
        {
            "field": ".".join(str(p) for p in fault["loc"][fault["loc"][0] in _PLACES :])
            or str(fault["loc"][0]),
            "code": fault["type"],
            "reason": fault["msg"],
        }
        for fault in error.errors()
    ]
    return Malformed("; ".join(f"{e['field']}: {e['reason']}" for e in errors[:5]), errors=errors)


def database_fault(error: SQLAlchemyError) -> Refusal | None:
    """What a database fault means to the caller; `None` when it is a defect of ours."""
    if is_transient(error):
        return Unavailable("the database does not answer now")
    if isinstance(error, DBAPIError) and sqlstate(error).startswith("22"):
        return Malformed("a value cannot be stored")  # SQLSTATE class 22: data exception
    return None


def install_problem_handlers(app: FastAPI) -> None:
    """Make every error of the application a problem document; nothing else leaves it."""

    @app.exception_handler(Refusal)
    async def refused(_: Request, refusal: Refusal) -> Response:
        return problem_of(refusal)

    @app.exception_handler(RequestValidationError)
    async def malformed(_: Request, error: RequestValidationError) -> Response:
        return problem_of(invalid(error))

    @app.exception_handler(HTTPException)
    async def http_error(_: Request, error: HTTPException) -> Response:
        code = {404: "no_such_route", 405: "method_not_allowed"}.get(
            error.status_code, "http_error"
        )
        problem = Refusal(str(error.detail)).problem() | {
            "type": f"urn:florin:problem:{code}",
            "title": code.replace("_", " ").capitalize(),
            "status": error.status_code,
            "code": code,
        }
        return Problem(problem, error.headers)

    @app.exception_handler(SQLAlchemyError)
    async def database(_: Request, error: SQLAlchemyError) -> Response:
        if refusal := database_fault(error):
            return problem_of(refusal)
        return _defect(error)

    @app.exception_handler(OSError)
    async def unreachable(_: Request, error: OSError) -> Response:
        _log.warning("database unreachable", error=repr(error))
        return problem_of(Unavailable("the database does not answer now"))

    @app.exception_handler(Exception)
    async def defect(_: Request, error: Exception) -> Response:
        return _defect(error)


def _defect(error: Exception) -> Response:
    _log.error("unhandled fault", exc_info=error)
    problem = Refusal("a fault of ours; it is in our log").problem()
    code = {"type": "urn:florin:problem:internal", "title": "Internal", "code": "internal"}
    return Problem(problem | code | {"status": 500})
