"""Makes, over HTTP, what the tests of the providers service start from."""

from typing import Any

from florin_chassis.testing.harness import Harness
from florin_contracts.permissions import Permission

PROVIDER = {"name": "N-1", "slug": "n-1", "currency": "RUB", "time_zone": "Europe/Moscow"}
NOBODY = "01900000-0000-7000-8000-000000000000"
"""The id of nothing that exists."""


def administrator(providers: Harness) -> dict[str, str]:
    """Headers of somebody who may do everything everywhere."""
    return providers.signed_in(*Permission, everywhere=True)


def employee_of(providers: Harness, *provider_ids: str) -> dict[str, str]:
    """Headers of somebody who may do everything for these providers."""
    return providers.signed_in(*Permission, reach={"provider": provider_ids})


async def made(providers: Harness, path: str, body: dict[str, Any]) -> dict[str, Any]:
    """What the administrator made by a POST."""
    answer = await providers.http.post(path, json=body, headers=administrator(providers))
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


async def provider(providers: Harness, **changes: Any) -> dict[str, Any]:
    return await made(providers, "/providers", PROVIDER | changes)


async def company(providers: Harness, *provider_ids: str, **changes: Any) -> dict[str, Any]:
    return await made(providers, "/companies", new_company(*provider_ids) | changes)


def new_company(*provider_ids: str) -> dict[str, Any]:
    return {
        "name": "N-1 LLC",
        "country": "RU",
        "legal_status": "legal_entity",
        "tax_number": "7707083893",
        "provider_ids": list(provider_ids),
    }


async def department(providers: Harness, **changes: Any) -> dict[str, Any]:
    body = {"name": "technical support", "sections": ["support"], "permissions": []}
    return await made(providers, "/departments", body | changes)
