"""Requests that are made once, and the problem documents that answer the bad ones."""

from typing import Any
from uuid import uuid4

import httpx

from florin_local.demo.api import Json


def write(http: httpx.Client, token: str, path: str, **content: Any) -> httpx.Response:
    """POST with a fresh idempotency key."""
    headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": str(uuid4())}
    return http.post(path, headers=headers | content.pop("headers", {}), **content)


def read(http: httpx.Client, token: str, path: str, **query: str) -> httpx.Response:
    """GET in the name of whom the token says."""
    return http.get(path, headers={"Authorization": f"Bearer {token}"}, params=query)


def problem(answer: httpx.Response, status: int, code: str) -> Json:
    """The problem document of an answer, which must have this status and code."""
    assert answer.headers["content-type"] == "application/problem+json", answer.text
    document: Json = answer.json()
    assert (answer.status_code, document["code"]) == (status, code), answer.text
    assert document["status"] == status
    assert document["title"]
    assert document["detail"]
    return document


def wrong_fields(answer: httpx.Response) -> list[str]:
    """The fields that a 422 names, each with a reason."""
    errors = problem(answer, 422, "malformed")["errors"]
    assert all(error["reason"] for error in errors)
    return [error["field"] for error in errors]
