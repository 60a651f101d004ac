"""Letters on the whole system: handed in to a mail server, and followed through the gateway."""

from collections.abc import Iterator

import httpx
import pytest
from tests.e2e.people import payer_of, registered
from tests.e2e.post import Post

from florin_local.demo.api import Gateway, Json, Person
from florin_local.demo.checks import expect, until
from florin_local.demo.tale import Tale, new_password
from florin_local.ports import free_port
from florin_local.stack import Stack


@pytest.fixture(scope="module")
def post(stack: Stack, tale: Tale) -> Iterator[Post]:
    """A mail server, and a mailer beside those that have none and so send nothing."""
    del tale  # whoever is in the story has been invited by hand
    with Post() as post:
        before = stack.environment.get("identity", {})
        stack.environment["identity"] = before | post.environment
        stack.start_beside("mailer", "identity", "mailer", free_port())
        stack.environment["identity"] = before
        yield post
        stack.stop_service("mailer")


def test_a_client_proves_its_address_by_the_letter_it_got(
    tale: Tale, http: httpx.Client, post: Post
) -> None:
    newcomer = registered(tale, "lyra")
    email = newcomer.person.email
    token = until(lambda: post.token(email, "email-verification"))
    answer = http.post("/email-verifications/confirm", json={"token": token})
    expect("the status", answer.status_code, 204)
    path = f"/users/{newcomer.person.get('/me')['user_id']}"
    expect("what staff sees", tale.administrator.get(path)["email_verified"], True)


def strict_shop(tale: Tale) -> tuple[str, str]:
    """A product and its plan, of a provider that takes no order before the address is verified."""
    body = {"name": "N-3", "slug": f"n-3-{tale.suffix}", "currency": "RUB", "time_zone": "UTC"}
    strict: Json = {"registration": {"verified_email": True}}
    seller = tale.administrator.post("/providers", body | strict)["id"]
    company = tale.companies["RU"]["id"]
    tale.administrator.put(f"/companies/{company}/providers/{seller}", {})
    conditions = {"conditions": [{"company_id": company}]}
    tale.administrator.put(f"/providers/{seller}/service-conditions", conditions)
    price = {"period": "month", "price": {"amount": "1.00", "currency": "RUB"}}
    plans = [{"name": "Start", "prices": [price]}]
    hosting = {"provider_id": seller, "name": "Hosting", "plans": plans}
    product = tale.administrator.post("/products", hosting)
    return product["id"], product["plans"][0]["id"]


def test_a_provider_that_asks_for_it_takes_no_order_before_the_address_is_verified(
    tale: Tale, gateway: Gateway, http: httpx.Client, post: Post
) -> None:
    product_id, plan_id = strict_shop(tale)
    newcomer = registered(tale, "auriga")
    order = {
        "client_id": newcomer.client_id,
        "product_id": product_id,
        "plan_id": plan_id,
        "payer_id": payer_of(newcomer),
    }

    def ask(status: int, code: str | None) -> None:
        answer = gateway.ask("POST", "/orders", token=newcomer.person.token(), body=order)
        expect("the order", (answer.status, answer.body.get("code")), (status, code))

    until(lambda: ask(409, "email_not_verified"))
    token = until(lambda: post.token(newcomer.person.email, "email-verification"))
    http.post("/email-verifications/confirm", json={"token": token}).raise_for_status()
    until(lambda: ask(201, None))


def test_who_forgot_its_password_gets_in_by_a_letter_and_strangers_get_none(
    tale: Tale, gateway: Gateway, http: httpx.Client, post: Post
) -> None:
    person = registered(tale, "cygnus").person
    stranger = tale.email("nobody-here")
    for email in (stranger, person.email):
        answer = http.post("/password-resets", json={"email": email})
        expect("the answer", (answer.status_code, answer.content), (202, b""))
    token = until(lambda: post.token(person.email, "password-reset"))
    again = Person(gateway, person.email, new_password())
    body = {"token": token, "password": again.password}
    expect("the status", http.post("/password-resets/redeem", json=body).status_code, 204)
    expect("who is in", again.get("/me")["email"], person.email)
    old = {"email": person.email, "password": person.password}
    expect("the old password", http.post("/sessions", json=old).status_code, 401)
    assert stranger not in {message["To"] for message in post.received}
