"""What each operation asks for, as the services declare it in their OpenAPI documents."""

from pathlib import Path

import pytest

from florin_contracts import operations as module
from florin_contracts.operations import operation_of, operations, read_operations, written
from florin_contracts.permissions import Permission

DOCUMENTS = Path(__file__).parents[1] / "openapi"


def test_what_is_shipped_is_what_the_documents_declare() -> None:
    shipped = (Path(module.__file__).parent / "operations.json").read_text()
    assert shipped == written(read_operations(DOCUMENTS)), "make schemas"


def test_every_operation_asks_for_a_permission_that_there_is() -> None:
    assert {one.permission for one in operations()} - {*Permission} == {"public", "signed-in"}


@pytest.mark.parametrize(
    ("method", "path", "found"),
    [
        ("POST", "/me/api-keys", ("signed-in", True, True)),
        ("post", "/clients/01a/users", ("members:write", True, False)),
        ("GET", "/clients/{client_id}/users/{user_id}", ("members:read", False, False)),
        ("PUT", "/users/01a/allowed-addresses", ("users:write", True, True)),
        ("GET", "/users", ("users:read", False, False)),
    ],
)
def test_a_request_comes_to_its_operation(
    method: str, path: str, found: tuple[str, bool, bool]
) -> None:
    operation = operation_of(method, path)
    assert operation is not None
    assert (operation.permission, operation.in_person, operation.recent_proof) == found


def test_a_word_goes_before_a_parameter_and_a_stranger_to_nothing() -> None:
    current = operation_of("DELETE", "/sessions/current")
    assert current is not None
    assert current.path == "/sessions/current"
    assert operation_of("POST", "/nowhere") is None
    assert operation_of("PATCH", "/users") is None
