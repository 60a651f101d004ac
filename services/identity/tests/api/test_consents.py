"""`/me/consents` over HTTP: what users agreed to, and may take back."""

from typing import Any

from services.identity.tests.relying import VERIFIER, Visit, answer_of, visit
from sqlalchemy import select

from florin_chassis.ids import new_id
from florin_chassis.testing.harness import Harness
from florin_identity.models import SecurityEntry


async def agreed(visiting: Visit, **changes: str | None) -> str:
    """A code, for which the user was asked and agreed."""
    browser, party = visiting.browser, visiting.party
    page = await browser.sign_in(party.asking(**changes), visiting.employee.email)
    answer = await browser.follow(await browser.submit(page, decision="allow"))
    return answer_of(answer.headers["Location"])["code"]


async def consents(identity: Harness, headers: dict[str, str]) -> Any:
    answer = await identity.http.get("/me/consents", headers=headers)
    assert answer.status_code == 200, answer.text
    return answer.json()["data"]


def signed_in(visiting: Visit) -> dict[str, str]:
    """Headers of the user itself, at our own API."""
    return visiting.party.identity.signed_in(sub=str(visiting.employee.id), amr=["pwd"])


async def test_a_user_lists_what_it_agreed_to_and_nobody_else_s(identity: Harness) -> None:
    visiting = await visit(identity, first_party=False)
    headers = signed_in(visiting)
    assert await consents(identity, headers) == []
    await agreed(visiting, scope="openid email")
    (consent,) = await consents(identity, headers)
    assert consent.pop("given_at")
    party = visiting.party
    assert consent == {"id": party.id, "name": "Inventory", "scopes": ["openid", "email"]}
    other = await visit(identity, "another@example.com", first_party=False)
    assert await consents(identity, signed_in(other)) == []
    await identity.http.delete(
        f"/applications/{party.id}",
        headers=identity.signed_in("applications:write", everywhere=True),
    )
    assert await consents(identity, headers) == []


async def test_with_the_consent_end_all_tokens_that_came_of_it(identity: Harness) -> None:
    visiting = await visit(identity, first_party=False)
    party = visiting.party
    tokens = (await party.token(code=await agreed(visiting))).json()
    unused = await visiting.code()
    headers = signed_in(visiting)
    path = f"/me/consents/{party.id}"
    assert (await identity.http.delete(path, headers=headers)).status_code == 204
    assert await consents(identity, headers) == []
    assert (await party.userinfo(tokens["access_token"])).status_code == 401
    renewed = await party.token(
        grant_type="refresh_token", refresh_token=tokens["refresh_token"], code_verifier=None
    )
    assert renewed.json()["error"] == "invalid_grant"
    late = await party.token(code=unused, code_verifier=VERIFIER)
    assert late.json()["error"] == "invalid_grant"
    page = await visiting.browser.get(party.asking())
    assert "asks to" in page.text
    assert (await identity.http.delete(path, headers=headers)).status_code == 404


async def test_another_s_consent_is_not_one_s_own_to_take_back(identity: Harness) -> None:
    visiting = await visit(identity, first_party=False)
    tokens = (await visiting.party.token(code=await agreed(visiting))).json()
    other = await visit(identity, "another@example.com")
    headers = signed_in(other)
    for application_id in (visiting.party.id, new_id()):
        path = f"/me/consents/{application_id}"
        assert (await identity.http.delete(path, headers=headers)).status_code == 404
    assert (await visiting.party.userinfo(tokens["access_token"])).status_code == 200


async def test_consents_given_and_taken_back_are_in_the_security_log(identity: Harness) -> None:
    visiting = await visit(identity, first_party=False)
    await agreed(visiting, scope="openid")
    headers = signed_in(visiting)
    await identity.http.delete(f"/me/consents/{visiting.party.id}", headers=headers)
    wanted = select(SecurityEntry.act, SecurityEntry.details).where(
        SecurityEntry.act.startswith("consent"), SecurityEntry.subject == visiting.employee.id
    )
    async with identity.runtime.database.engine.connect() as connection:
        lines = (await connection.execute(wanted.order_by(SecurityEntry.id))).all()
    application = visiting.party.id
    assert [tuple(line) for line in lines] == [
        ("consent_given", {"application": application, "scopes": ["openid"]}),
        ("consent_withdrawn", {"application": application, "grants": 1}),
    ]
