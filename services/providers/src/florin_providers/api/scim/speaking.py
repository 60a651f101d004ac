"""How SCIM is spoken: what a request says, what an answer or an error looks like (RFC 7644)."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus
from typing import Any, Final, TypeVar
from uuid import UUID

import orjson
from fastapi import Request, Response
from pydantic import ValidationError
from scim2_models import Context, Error, Message, Resource, ResponseParameters, SCIMException
from scim2_models.scim_object import ScimObject

from florin_chassis.errors import Malformed, NotFound, Refusal
from florin_contracts.permissions import Permission
from florin_providers.api.scim.resources import POLICY

MEDIA_TYPE: Final = "application/scim+json"
BASE: Final = "/scim/v2"
_HOST: Final = re.compile(r"[A-Za-z0-9.\-\[\]:]{1,255}")
_TYPES: Final = {"email_taken": "uniqueness", "user_name_taken": "uniqueness"}
_UNSAID: Final = {"employee_ended": 404, "department_removed": 404, "too_many_members": 413}
_INVALID: Final = {"email_is_the_employees": "mutability", "not_a_member": "invalidValue"}

M = TypeVar("M", bound=ScimObject)


class NotScim(Malformed):
    """The request is not what SCIM or the schema allows; `scim_type` says in which way."""

    def __init__(self, detail: str, scim_type: str | None = "invalidValue", status: int = 400):
        super().__init__(detail)
        self.scim_type, self.scim_status = scim_type, status


class ScimAnswer(Response):
    """A SCIM message or resource."""

    media_type = MEDIA_TYPE


@contextmanager
def spoken() -> Iterator[None]:
    """What the library refuses becomes a refusal of ours, within any transaction around it."""
    try:
        with POLICY:
            yield
    except ValidationError as error:
        fault = Error.from_validation_errors(error)[0]
        raise NotScim(fault.detail or "", fault.scim_type, fault.status or 400) from error
    except SCIMException as error:
        raise NotScim(error.detail, error.scim_type or None, error.status) from error
    except RecursionError as error:
        raise NotScim("too deeply nested", "invalidSyntax") from error


async def read_object(request: Request) -> dict[str, Any]:
    """The body as a JSON object; raises `NotScim`."""
    try:
        content = orjson.loads(await request.body())
    except orjson.JSONDecodeError as error:
        raise NotScim("the body is no JSON", "invalidSyntax") from error
    if not isinstance(content, dict):
        raise NotScim("the body is a JSON object", "invalidSyntax")
    return content


async def read_body(request: Request, model: type[M], context: Context) -> M:
    """The body as such a message or resource; raises `NotScim`."""
    content = await read_object(request)
    with spoken():
        return model.model_validate(content, scim_ctx=context)


def read_parameters(request: Request, model: Any) -> ResponseParameters[Any]:
    """Which attributes the URL asks for; raises `NotScim`."""
    asked = {
        name: value
        for name, value in request.query_params.items()
        if name in {"attributes", "excludedAttributes"}
    }
    with spoken():
        return ResponseParameters[model].model_validate(asked)


def read_id(value: str, kind: str) -> UUID:
    """An id in a path; whatever is none of ours names nothing."""
    try:
        return UUID(value)
    except ValueError as error:
        raise NotFound(f"there is no {kind} {value}") from error


def base_of(request: Request) -> str:
    """Where the caller finds `/scim/v2`: the gateway says under which name it was asked."""
    headers = request.headers
    scheme = headers.get("x-forwarded-proto", request.url.scheme)
    host = headers.get("x-forwarded-host") or headers.get("host", "")
    if scheme not in {"http", "https"} or not _HOST.fullmatch(host):
        raise NotScim("the host's name is malformed")
    return f"{scheme}://{host}{BASE}"


def answer(
    body: Resource[Any] | Message,
    parameters: ResponseParameters[Any] | None = None,
    *,
    status: int = 200,
    context: Context = Context.RESOURCE_QUERY_RESPONSE,
) -> ScimAnswer:
    """An answer, with the attributes that were asked for."""
    with spoken():
        content = body.model_dump(scim_ctx=context, response_parameters=parameters)
    response = ScimAnswer(orjson.dumps(content), status)
    if isinstance(body, Resource) and body.meta is not None:
        if body.meta.version:
            response.headers["ETag"] = body.meta.version
        if body.meta.location and status == HTTPStatus.CREATED:
            response.headers["Location"] = str(body.meta.location)
    return response


async def refuse(_: Request, refusal: Refusal) -> Response:
    """Say no as RFC 7644 has it in its section 3.12."""
    status, scim_type = _UNSAID.get(refusal.code, refusal.status), _TYPES.get(refusal.code)
    if isinstance(refusal, NotScim):
        status, scim_type = refusal.scim_status, refusal.scim_type
    elif refusal.code in _INVALID:
        status, scim_type = 400, _INVALID[refusal.code]
    elif isinstance(refusal, Malformed):
        status, scim_type = 400, "invalidValue"
    error = Error(status=status, scim_type=scim_type, detail=refusal.detail)
    return ScimAnswer(orjson.dumps(error.model_dump()), status, dict(refusal.headers))


READ: Final = {"permission": Permission.STAFF_READ, "refusing": refuse}
WRITE: Final = {"permission": Permission.STAFF_WRITE, "refusing": refuse}
"""What every route of SCIM declares."""
