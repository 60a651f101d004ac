"""A company directory provisions staff through the gateway, by a service account's token."""

from typing import Any

import httpx
import pytest
from httpx2 import Client
from scim2_client.engines.httpx2 import SyncSCIMClient
from scim2_tester import Status, check_server
from tests.e2e.test_programs import token_of

from florin_local.demo.tale import Tale
from florin_local.stack import Stack

PASSED = {Status.SUCCESS, Status.COMPLIANT}
SCIM = {"Content-Type": "application/scim+json"}


@pytest.fixture
def directory(tale: Tale, http: httpx.Client) -> dict[str, str]:
    """What a directory sends with each request, once it has a token for its client credentials."""
    body = {"name": "Entra", "permissions": ["staff:read", "staff:write"], "provider_ids": []}
    account = tale.administrator.post("/service-accounts", body)
    return {"Authorization": f"Bearer {token_of(http, account)}"}


def test_the_outside_tester_passes_all_its_checks_through_the_gateway(
    stack: Stack, directory: dict[str, str]
) -> None:
    with Client(
        base_url=f"{stack.gateway_url}/scim/v2", headers=directory, timeout=60, trust_env=False
    ) as client:
        results = check_server(SyncSCIMClient(client))
    failed = [
        f"{r.resource_type or ''} {r.title}: {r.status.name}: {r.reason}"
        for r in results
        if r.status not in PASSED
    ]
    assert failed == []
    assert len(results) > 60


def test_a_job_makes_people_and_their_group_in_one_request(
    http: httpx.Client, directory: dict[str, str]
) -> None:
    def ask(method: str, path: str, body: Any = None) -> httpx.Response:
        headers = directory | SCIM
        return http.request(method, f"/scim/v2{path}", json=body, headers=headers)

    people = [
        {
            "method": "POST",
            "path": "/Users",
            "bulkId": f"p{number}",
            "data": {
                "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"],
                "userName": f"bulk-{number}@n-1.example",
            },
        }
        for number in range(20)
    ]
    group = {
        "method": "POST",
        "path": "/Groups",
        "bulkId": "all",
        "data": {
            "schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group"],
            "displayName": "Night shift",
            "members": [{"value": f"bulkId:p{number}"} for number in range(20)],
        },
    }
    schema = "urn:ietf:params:scim:api:messages:2.0:BulkRequest"
    sent = {"schemas": [schema], "Operations": [group, *people]}
    answer = ask("POST", "/Bulk", sent)
    assert answer.status_code == 200, answer.text
    done = answer.json()["Operations"]
    assert {one["status"] for one in done} == {"201"}
    assert all(one["location"].startswith(str(http.base_url)) for one in done)
    where = [one["location"].rpartition("/scim/v2")[2] for one in done]
    assert len(ask("GET", where[0]).json()["members"]) == 20
    ended = [{"method": "DELETE", "path": path} for path in where]
    gone = ask("POST", "/Bulk", {"schemas": [schema], "Operations": ended})
    assert {one["status"] for one in gone.json()["Operations"]} == {"204"}
