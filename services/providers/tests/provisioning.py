"""A company directory, for the tests: asks for users and groups as SCIM has them."""

from typing import Any, Final

from httpx import Response
from services.providers.tests.making import administrator

from florin_chassis.testing.harness import Harness

USERS: Final = "/scim/v2/Users"
GROUPS: Final = "/scim/v2/Groups"
USER_SCHEMA: Final = "urn:ietf:params:scim:schemas:core:2.0:User"
GROUP_SCHEMA: Final = "urn:ietf:params:scim:schemas:core:2.0:Group"
PATCH_SCHEMA: Final = "urn:ietf:params:scim:api:messages:2.0:PatchOp"
ERROR_SCHEMA: Final = "urn:ietf:params:scim:api:messages:2.0:Error"


def user(user_name: str = "ada@n-1.example", **changes: Any) -> dict[str, Any]:
    return {"schemas": [USER_SCHEMA], "userName": user_name} | changes


def group(name: str = "Support", *members: str, **changes: Any) -> dict[str, Any]:
    listed = [{"value": id_} for id_ in members]
    return {"schemas": [GROUP_SCHEMA], "displayName": name, "members": listed} | changes


def patch(*operations: dict[str, Any]) -> dict[str, Any]:
    return {"schemas": [PATCH_SCHEMA], "Operations": list(operations)}


async def ask(
    providers: Harness,
    method: str,
    path: str,
    body: Any = None,
    headers: dict[str, str] | None = None,
    more: dict[str, str] | None = None,
) -> Response:
    """What the service answers to whoever the headers name: an administrator if nobody."""
    sent = (headers or administrator(providers)) | (more or {})
    if body is not None:
        sent = {"Content-Type": "application/scim+json"} | sent
    return await providers.http.request(method, path, json=body, headers=sent)


async def provisioned(providers: Harness, path: str, body: Any) -> dict[str, Any]:
    answer = await ask(providers, "POST", path, body)
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


def refusal(answer: Response) -> tuple[int, str | None]:
    """The status, which the body says too, and the kind of error."""
    assert answer.headers["Content-Type"] == "application/scim+json"
    said = answer.json()
    assert (said["schemas"], said["status"]) == ([ERROR_SCHEMA], str(answer.status_code))
    return answer.status_code, said.get("scimType")
