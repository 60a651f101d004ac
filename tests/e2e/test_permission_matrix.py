"""Every endpoint, asked by every role, for its own and another's, against what is declared."""

import json
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import httpx
import pytest
from tests.e2e.matrix.endpoints import Question, questions
from tests.e2e.matrix.objects import Objects
from tests.e2e.matrix.roles import Role, roles, staff
from tests.e2e.matrix.samples import sample

from florin_local.demo.api import Gateway
from florin_local.demo.narrator import Narrator
from florin_local.demo.story import tell
from florin_local.demo.tale import Tale
from florin_local.stack import Stack

DOCUMENTS = Path(__file__).parents[2] / "contracts" / "openapi"
ALL = questions()
WITH_CREDENTIALS_OF_THEIR_OWN = {
    "POST /sessions/refresh",
    "GET /oauth2/userinfo",
    "POST /oauth2/userinfo",
}
"""They need no access token of ours, and say so where what they do need is missing."""
CATALOGUE = ("/products", "/product-types", "/plans")
"""What is on sale, whoever sells it: a client may buy from any provider."""
NOT_FOR_ANOTHER = {"POST /api-keys/{api_key_id}/revoke"}
"""What a program may do, but nobody who acts for somebody else."""
MAY_BE_NONE = {"GET /providers/{provider_id}/icon"}
"""What somebody may have, and need not."""
OWN_SESSION = {"DELETE /sessions/current"}
"""What ends the walker's own session: asked by nobody who still has to walk."""


@pytest.fixture(scope="module")
def walkers(tale: Tale) -> list[Role]:
    return roles(tale)


@pytest.fixture(scope="module")
def elsewhere(stack: Stack) -> Iterator[Tale]:
    """Another telling on the same system: other providers, other people, another client."""
    with Gateway(stack.gateway_url) as gateway:
        yield tell(stack, gateway, Narrator())


@pytest.fixture(scope="module")
def foreign(stack: Stack, elsewhere: Tale) -> Iterator[list[Objects]]:
    """All that the others' staff and their client see."""
    seeing = (staff(elsewhere), elsewhere.client)
    with httpx.Client(base_url=stack.gateway_url, timeout=20, trust_env=False) as http:
        yield [Objects(http, person.token()) for person in seeing]


def ask(http: httpx.Client, question: Question, path: str, token: str | None) -> httpx.Response:
    """With a body that the schema accepts, if it takes one."""
    headers = {"Idempotency-Key": str(uuid4()), "If-Match": '"1"'}
    if token:
        headers["Authorization"] = f"Bearer {token}"
    content = {"json": sample(question.body)} if question.body else {}
    return http.request(question.method, path, headers=headers, **content)


def of_nothing(question: Question) -> str:
    """The path with ids that nothing has."""
    path = question.path
    for parameter in question.parameters:
        path = path.replace(f"{{{parameter}}}", str(uuid4()))
    return path


def is_allowed(role: Role, question: Question) -> bool:
    """What the declarations say."""
    held = question.is_public or question.is_for_everybody or role.may(question.permission)
    personal = question.in_person or str(question) in NOT_FOR_ANOTHER
    return held and (role.in_person or not personal)


def test_no_documented_endpoint_is_missing_from_the_matrix() -> None:
    walked = {(q.method.lower(), q.path) for q in ALL}
    for part in DOCUMENTS.glob("*.json"):
        document = json.loads(part.read_text())
        documented = {(m, path) for path, item in document["paths"].items() for m in item}
        assert documented - walked == set(), part.name


def test_without_a_token_only_what_is_public_is_answered(http: httpx.Client) -> None:
    wrong = [
        f"{question}: {answer.status_code}"
        for question in ALL
        for answer in [ask(http, question, of_nothing(question), None)]
        if (
            (answer.status_code == httpx.codes.UNAUTHORIZED) == question.is_public
            and str(question) not in WITH_CREDENTIALS_OF_THEIR_OWN
        )
        or answer.is_server_error
    ]
    assert wrong == []


def test_a_role_is_refused_exactly_what_it_does_not_hold(
    http: httpx.Client, walkers: list[Role]
) -> None:
    wrong = []
    for role in walkers:
        for question in ALL:
            if question.is_public or str(question) in OWN_SESSION:
                continue
            # A body that is none: whoever may ask is told so, and nothing is done.
            answer = http.request(
                question.method,
                of_nothing(question),
                headers={
                    "Authorization": f"Bearer {role.person.token()}",
                    "Idempotency-Key": str(uuid4()),
                },
                content=b"{" if question.body else None,
            )
            refused = answer.status_code == httpx.codes.FORBIDDEN
            if refused == is_allowed(role, question) or answer.status_code in {401, 429, 500, 503}:
                wrong.append(f"{role.name}: {question}: {answer.status_code} {answer.text[:120]}")
    assert wrong == []


def test_what_is_another_s_does_not_exist(
    http: httpx.Client, walkers: list[Role], foreign: list[Objects], elsewhere: Tale
) -> None:
    wrong, asked = [], 0
    for role in walkers:
        if role.everywhere:
            continue
        token = role.person.token()
        mine = Objects(http, token)
        for question in ALL:
            if not question.parameters or question.is_public or not is_allowed(role, question):
                continue
            theirs = {path for seen in foreign for path in seen.paths(question.path)[:3]}
            for path in theirs - set(mine.paths(question.path)):
                asked += 1
                answer = ask(http, question, path, token)
                # 422, 403: of what was sent with it, said before anything is looked for.
                hidden = {404, 422, 403} if question.body else {404, 422}
                if answer.status_code not in hidden:
                    wrong.append(f"{role.name}: {question.method} {path}: {answer.status_code}")
    assert wrong == []
    assert asked > len(walkers)  # there was something to hide
    del elsewhere


def test_what_is_ones_own_is_answered_and_names_no_other_tenant(
    http: httpx.Client, walkers: list[Role], elsewhere: Tale
) -> None:
    canaries = {elsewhere.client_id, *(p["id"] for p in elsewhere.providers.values())}
    wrong = []
    for role in walkers:
        token = role.person.token()
        mine = Objects(http, token)
        for question in ALL:
            if not question.is_safe or question.is_public or not is_allowed(role, question):
                continue
            for path in mine.paths(question.path)[:3]:
                answer = ask(http, question, path, token)
                # 422: a query is required; 501: it is said that there is none, as a protocol has it
                fine = {200, 422, 501} | ({404} if str(question) in MAY_BE_NONE else set())
                if answer.status_code not in fine:
                    wrong.append(f"{role.name}: {path}: {answer.status_code} {answer.text[:120]}")
                tells = not role.everywhere and not question.path.startswith(CATALOGUE)
                if tells and any(canary in answer.text for canary in canaries):
                    wrong.append(f"{role.name}: {path} names another tenant")
    assert wrong == []
