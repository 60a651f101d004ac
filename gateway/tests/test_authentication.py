"""Who comes in."""

import time

import httpx
import pytest
from gateway.tests.world import Gateway, Services, answering, closed_port_url, running_gateway

from florin_chassis.published_keys import PublishedKeys
from florin_chassis.testing.tokens import Issuer

pytestmark = pytest.mark.asyncio(loop_scope="session")


PUBLIC = [
    ("POST", "/registrations"),
    ("POST", "/sessions"),
    ("POST", "/sessions/refresh"),
    ("POST", "/invitations/accept"),
    ("GET", "/.well-known/jwks.json"),
    ("POST", "/oauth2/token"),
]


@pytest.mark.parametrize(("method", "path"), PUBLIC)
async def test_a_public_path_needs_no_token(
    gate: Gateway, services: Services, method: str, path: str
) -> None:
    answer = await gate.http.request(method, path)
    assert answer.json() == {"path": f"/identity{path}"}
    assert len(services.asked) == 1


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/registrations"),
        ("DELETE", "/sessions"),
        ("POST", "/sessions/current"),
        ("GET", "/me"),
        ("GET", "/clients"),
        ("POST", "/invitations"),
        ("OPTIONS", "/orders"),
    ],
)
async def test_every_other_path_is_401_without_a_token(
    gate: Gateway, services: Services, method: str, path: str
) -> None:
    answer = await gate.http.request(method, path)
    assert (answer.status_code, answer.json()["code"]) == (401, "unauthenticated")
    assert answer.headers["WWW-Authenticate"] == "Bearer"
    assert services.asked == []


async def test_a_valid_token_is_let_in_and_passed_on(gate: Gateway, services: Services) -> None:
    headers = gate.signed_in
    assert (await gate.http.get("/me", headers=headers)).status_code == 200
    assert services.asked[0].header("Authorization") == headers["Authorization"]


def bad_credentials(issuer: Issuer) -> dict[str, str]:
    now = int(time.time())
    return {
        "expired": f"Bearer {issuer.token(exp=now - 60)}",
        "of a foreign issuer": f"Bearer {issuer.token(iss='https://evil.test')}",
        "for another audience": f"Bearer {issuer.token(aud='else')}",
        "signed with another key": f"Bearer {Issuer().token()}",
        "changed": f"Bearer {issuer.token()[:-6]}AAAAAA",
        "unsigned": "Bearer eyJhbGciOiJub25lIn0.eyJzdWIiOiJ4In0.",
        "without a subject": f"Bearer {issuer.token(sub='')}",
        "garbage": "Bearer abc",
        "not ASCII": "Bearer \xe9",
        "too long": "Bearer " + "a" * 9_000,
        "empty": "Bearer",
        "of another scheme": "Basic dTpw",
    }


@pytest.mark.parametrize("kind", bad_credentials(Issuer()))
@pytest.mark.parametrize(("method", "path"), [("GET", "/clients"), ("POST", "/sessions")])
async def test_bad_credentials_are_401_before_any_service_is_asked(
    gate: Gateway, services: Services, kind: str, method: str, path: str
) -> None:
    credentials = bad_credentials(gate.issuer)[kind].encode("latin-1")
    answer = await gate.http.request(method, path, headers={b"Authorization": credentials})
    assert (answer.status_code, answer.json()["code"]) == (401, "unauthenticated"), answer.text
    assert services.asked == []


async def test_a_program_s_own_credentials_are_for_the_token_endpoint_alone(
    gate: Gateway, services: Services
) -> None:
    basic = {"Authorization": "Basic dTpw"}
    assert (await gate.http.post("/oauth2/token", headers=basic)).status_code == 200
    assert services.asked[0].header("Authorization") == basic["Authorization"]
    assert (await gate.http.get("/oauth2/token", headers=basic)).status_code == 401
    assert len(services.asked) == 1


async def test_two_sets_of_credentials_are_401(gate: Gateway, services: Services) -> None:
    twice = [*gate.signed_in.items(), *gate.signed_in.items()]
    assert (await gate.http.get("/clients", headers=twice)).status_code == 401
    assert services.asked == []


async def test_an_unknown_path_is_404_before_anyone_is_asked_who_they_are(gate: Gateway) -> None:
    assert (await gate.http.get("/nothing")).status_code == 404


async def test_while_no_key_was_ever_read_a_token_is_503_and_public_paths_answer(
    services: Services,
) -> None:
    async with httpx.AsyncClient() as client:
        keys = PublishedKeys(closed_port_url(), client)
        async with running_gateway(services.url, keys) as gate:
            answer = await gate.get("/clients")
            assert (answer.status_code, answer.json()["service"]) == (503, "identity")
            assert answer.headers["Retry-After"]
            assert (await gate.http.post("/sessions")).status_code == 200
            assert (await gate.http.get("/readyz")).status_code == 503
    assert [asked.path for asked in services.asked] == ["/identity/sessions"]


async def test_keys_that_were_read_go_on_serving_while_identity_is_down(
    services: Services,
) -> None:
    async with httpx.AsyncClient() as client:
        keys = PublishedKeys(f"{services.url}/identity/.well-known/jwks.json", client)
        async with running_gateway(services.url, keys, identity_url=closed_port_url()) as gate:
            public = gate.issuer.key.as_dict(private=False)
            services.answers["/identity/.well-known/jwks.json"] = answering({"keys": [public]})
            assert (await gate.http.get("/readyz")).status_code == 200
            services.answers["/identity/.well-known/jwks.json"] = answering({}, 500)
            assert (await gate.get("/clients")).status_code == 200
            assert (await gate.get("/me")).status_code == 503
