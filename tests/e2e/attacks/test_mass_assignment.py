"""No endpoint takes a field that it does not name, and none breaks on a body of another shape."""

from typing import Any
from uuid import uuid4

import httpx
import pytest
from tests.e2e.matrix.endpoints import Question, questions
from tests.e2e.matrix.samples import sample

from florin_local.demo.tale import Tale

WITH_BODIES = [
    q for q in questions() if q.body and not q.is_safe and isinstance(sample(q.body), dict)
]
SMUGGLED: dict[str, Any] = {
    "administrator": True,
    "permissions_": ["everything"],
    "owner_id": str(uuid4()),
    "version": 99,
}
DEEP = b"[" * 20_000 + b"]" * 20_000
SHAPES: list[bytes] = [
    b"", b"null", b"[]", b'"x"', b"0", b"{", b"\xff\xfe", b'{"a":1}}', DEEP, b'{"a":' + DEEP + b"}",
    b'{"name": "\\ud800"}', b'{"x": 1e400}', b'{"x": ' + b"9" * 5_000 + b"}",
]  # fmt: skip


def ask(http: httpx.Client, tale: Tale, question: Question, **content: Any) -> httpx.Response:
    path = question.path
    for parameter in question.parameters:
        path = path.replace(f"{{{parameter}}}", str(uuid4()))
    headers = {"Content-Type": "application/json", "Idempotency-Key": str(uuid4())}
    if not question.is_public:
        headers["Authorization"] = f"Bearer {tale.administrator.token()}"
    return http.request(question.method, path, headers=headers, **content)


def test_what_is_walked_is_most_of_what_changes_anything() -> None:
    assert len(WITH_BODIES) > 40


@pytest.mark.parametrize("question", WITH_BODIES, ids=str)
def test_a_field_that_is_not_named_is_refused_by_its_name(
    http: httpx.Client, tale: Tale, question: Question
) -> None:
    body = sample(question.body)
    known = set(question.body.get("properties", {})) | set(body)
    smuggled = {n: v for n, v in SMUGGLED.items() if n not in known}
    answer = ask(http, tale, question, json=body | smuggled)
    assert answer.status_code == 422, answer.text
    named = {error["field"].rpartition(".")[2] for error in answer.json()["errors"]}
    assert set(smuggled) & named, answer.text


@pytest.mark.parametrize("question", WITH_BODIES, ids=str)
def test_a_body_of_another_shape_breaks_nothing(
    http: httpx.Client, tale: Tale, question: Question
) -> None:
    for shape in SHAPES:
        answer = ask(http, tale, question, content=shape)
        assert 400 <= answer.status_code < 500, (shape[:20], answer.status_code, answer.text)
