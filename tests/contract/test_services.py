"""What holds of each of the four services: its migrations, its routes' permissions, its README."""

import re
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from tests.plugins.servers import SettingsFor

from florin_chassis.http.endpoint import PUBLIC, SIGNED_IN, Endpoint
from florin_chassis.migrations import check
from florin_chassis.service import Service
from florin_clients.service import service as clients
from florin_contracts.events import published_events
from florin_contracts.operations import operations
from florin_contracts.permissions import Permission
from florin_gateway.routes import SAFE_METHODS
from florin_identity.service import service as identity
from florin_payers.service import service as payers
from florin_providers.service import service as providers

SERVICES = (identity, providers, clients, payers)
ROOT = Path(__file__).parents[2]
ASKED_WITHIN = {
    Permission.CLIENTS_IMPERSONATE,
    Permission.SESSIONS_READ,
    Permission.SESSIONS_END,
}
"""What is asked of whoever wants more than what any user may: of others' sessions, for example."""

OPEN_TO_ALL = {
    "POST /registrations",
    "POST /sessions",
    "POST /sessions/refresh",
    "POST /sessions/second-factor",
    "POST /sessions/passkey/options",
    "POST /sessions/passkey",
    "POST /invitations/accept",
    "POST /oauth2/token",
    "POST /email-verifications/confirm",
    "POST /email-changes/confirm",
    "POST /password-resets",
    "POST /password-resets/redeem",
    "GET /.well-known/jwks.json",
    "GET /.well-known/openid-configuration",
    "GET /.well-known/oauth-authorization-server",
    "GET /oauth2/authorize",
    "POST /oauth2/authorize",
    "POST /oauth2/sign-in",
    "POST /oauth2/second-factor",
    "POST /oauth2/consent",
    "GET /oauth2/logout",
    "POST /oauth2/logout",
    "POST /oauth2/sign-out",
    "GET /oauth2/userinfo",
    "POST /oauth2/userinfo",
    "POST /oauth2/revoke",
    "GET /oauth2/pages.css",
    "GET /oauth2/passkey.js",
}
each_service = pytest.mark.parametrize("service", SERVICES, ids=lambda service: service.name)


def routes(service: Service) -> dict[str, str]:
    """Method and path of every route, and its permission."""
    found = [route for router in service.routers for route in router.routes]
    assert all(isinstance(route, Endpoint) for route in found)
    return {
        f"{method} {route.path}": route.permission
        for route in found
        if isinstance(route, Endpoint)
        for method in route.methods or ()
    }


@each_service
def test_the_tables_in_code_are_those_that_the_migrations_make(
    service: Service, settings_for: SettingsFor
) -> None:
    settings = settings_for(service)
    with ThreadPoolExecutor(1) as thread:  # Alembic runs a loop of its own
        thread.submit(check, service, settings).result()


@each_service
def test_every_permission_of_a_route_is_in_the_catalogue(service: Service) -> None:
    known = {*Permission, PUBLIC, SIGNED_IN}
    assert {
        permission for permission in routes(service).values() if permission not in known
    } == set()


def test_only_these_routes_are_open_to_all() -> None:
    permissions = [item for service in SERVICES for item in routes(service).items()]
    assert {route for route, permission in permissions if permission == PUBLIC} == OPEN_TO_ALL


def test_the_gateway_knows_what_is_kept_under_no_key() -> None:
    """Those it would repeat in good faith, and they would act twice."""
    found = [route for service in SERVICES for router in service.routers for route in router.routes]
    unkept = {
        (method, route.path)
        for route in found
        if isinstance(route, Endpoint) and not route.keeps_answers
        for method in (route.methods or set()) - SAFE_METHODS
    }
    assert unkept == {(one.method, one.path) for one in operations() if one.unkept}


def test_every_permission_of_the_catalogue_is_asked_for_somewhere() -> None:
    asked = {permission for service in SERVICES for permission in routes(service).values()}
    assert set(Permission) - asked == ASKED_WITHIN


@each_service
def test_the_readme_lists_what_the_service_answers(service: Service) -> None:
    listed = re.findall(r"^- `([A-Z]+ /\S*)` — (\S+) — ", readme(service), re.MULTILINE)
    assert dict(listed) == routes(service)


@each_service
def test_the_readme_lists_what_the_service_states(service: Service) -> None:
    stated = {
        e.topic for e in published_events().values() if e.topic.startswith(f"{service.name}-")
    }
    assert set(_topics(service, "States")) == stated


@each_service
def test_the_readme_lists_what_the_service_listens_to(service: Service) -> None:
    assert set(_topics(service, "Listens to")) == service.subscriptions.topics


def _topics(service: Service, title: str) -> list[str]:
    section = readme(service).split(f"## {title}\n")[1].split("\n## ")[0]
    return re.findall(r"^- `([a-z]+(?:-[a-z]+)+)`", section, re.MULTILINE)


def readme(service: Service) -> str:
    return (ROOT / "services" / service.name / "README.md").read_text()
