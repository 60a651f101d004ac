"""`/scim/v2/Bulk`: many operations in one request (RFC 7644, section 3.7).

Each is the request that it stands for, made of the service itself: with the caller's own token, a
transaction of its own, and the answer that it would have had alone.
"""

import hashlib
from typing import Any, Final

import httpx
import orjson
from fastapi import Request, Response
from scim2_models import Error

from florin_chassis.http.endpoint import IN_PARTS, Router
from florin_chassis.http.idempotency import HEADER as KEY
from florin_providers.api.scim.bulk_job import Job, Operation, read_job
from florin_providers.api.scim.speaking import (
    BASE,
    MEDIA_TYPE,
    WRITE,
    ScimAnswer,
    base_of,
    read_object,
)

router = Router(tags=["scim"])

SCHEMA: Final = "urn:ietf:params:scim:api:messages:2.0:BulkResponse"
_OF_ITS_OWN: Final = {"content-length", "content-type", "if-match", "if-none-match", "accept"}
_FAILED: Final = 400
Result = dict[str, Any]


@router.post(
    "/scim/v2/Bulk",
    **WRITE,
    openapi_extra={IN_PARTS: "true"},
    status_code=200,
)
async def post_bulk(request: Request) -> Response:
    """Under an `Idempotency-Key` a job may be sent again: what was done is not done twice."""
    job = read_job(await read_object(request))
    transport = httpx.ASGITransport(request.app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url=str(request.base_url)) as itself:
        results = await _Work(request, itself).do(job)
    return ScimAnswer(orjson.dumps({"schemas": [SCHEMA], "Operations": results}))


class _Work:
    """One job under way: what it has made so far, by bulk id."""

    def __init__(self, request: Request, itself: httpx.AsyncClient) -> None:
        self._itself, self._base = itself, base_of(request)
        self._key = request.headers.get(KEY)
        named = request.headers.items()
        self._headers = {n: v for n, v in named if n not in {*_OF_ITS_OWN, KEY.lower()}}
        self._made: dict[str, str] = {}

    async def do(self, job: Job) -> list[Result]:
        """The results, in the order of the operations; those after too many errors have none."""
        results: dict[int, Result] = {}
        failed = 0
        for place in job.in_order():
            results[place] = await self._one(place, job.operations[place])
            failed += int(results[place]["status"]) >= _FAILED
            if job.errors_max is not None and failed >= job.errors_max:
                break
        return [results[place] for place in sorted(results)]

    async def _one(self, place: int, operation: Operation) -> Result:
        if operation.fault is not None:
            return _result(operation, 400, _error(400, operation.fault, "invalidValue"))
        if missing := operation.refers_to - self._made.keys():
            fault = f"bulkId:{min(missing)} was not made"
            return self._located(operation, _result(operation, 409, _error(409, fault)))
        asked = operation.with_ids(self._made)
        answer = await self._ask(place, asked)
        result = _result(operation, answer.status_code, _body(answer))
        if answer.is_success and "ETag" in answer.headers:
            result["version"] = answer.headers["ETag"]
        if answer.is_success and operation.method == "POST" and operation.bulk_id:
            self._made[operation.bulk_id] = answer.json()["id"]
            return result | {"location": answer.headers["Location"]}
        return self._located(asked, result)

    async def _ask(self, place: int, operation: Operation) -> httpx.Response:
        headers = self._headers | {"Content-Type": MEDIA_TYPE}
        if operation.version:
            headers["If-Match"] = operation.version
        if self._key is not None:
            headers[KEY] = hashlib.sha256(f"{self._key}\n{place}".encode()).hexdigest()
        content = None if operation.data is None else orjson.dumps(operation.data)
        return await self._itself.request(
            operation.method, BASE + operation.path, headers=headers, content=content
        )

    def _located(self, operation: Operation, result: Result) -> Result:
        """With where the resource is, unless it was to be made and was not."""
        if operation.method == "POST":
            return result
        return result | {"location": self._base + operation.path}


def _result(operation: Operation, status: int, response: Any) -> Result:
    result = {"method": operation.method, "status": str(status)}
    if operation.bulk_id is not None:
        result["bulkId"] = operation.bulk_id
    return result | ({} if response is None else {"response": response})


def _body(answer: httpx.Response) -> Any:
    """What a failure says, in SCIM's words; a success is told by its location and version."""
    if answer.status_code < _FAILED:
        return None
    if answer.headers.get("content-type") == MEDIA_TYPE:
        return answer.json()
    return _error(answer.status_code, answer.reason_phrase)


def _error(status: int, detail: str, scim_type: str | None = None) -> Any:
    return Error(status=status, scim_type=scim_type, detail=detail).model_dump()
