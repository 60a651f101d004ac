"""Signing in to other applications, seen from one that is made with Authlib."""

from authlib.oidc.discovery import OpenIDProviderMetadata
from services.identity.tests.making import PASSWORD
from services.identity.tests.proving import entered, with_totp
from services.identity.tests.relying import HOME, Browser, Visit, answer_of, relying_party, visit

from florin_chassis.ids import new_id
from florin_chassis.testing.harness import Harness
from florin_chassis.testing.tokens import ISSUER
from florin_contracts.providers import EmployeeInvited, ProviderCreated


async def test_what_is_understood_here_is_published_and_valid(identity: Harness) -> None:
    answer = await identity.http.get("/.well-known/openid-configuration")
    document = answer.json()
    # OpenID asks for RS256 beside whatever else there is; decision 29 says why there is none.
    with_rs256 = {"id_token_signing_alg_values_supported": ["ES256", "RS256"]}
    OpenIDProviderMetadata(document | with_rs256).validate()
    assert document["issuer"] == ISSUER
    assert document["code_challenge_methods_supported"] == ["S256"]
    assert document["authorization_response_iss_parameter_supported"] is True
    other = await identity.http.get("/.well-known/oauth-authorization-server")
    assert other.json() == answer.json()


async def test_a_user_signs_in_to_an_application_by_a_library_of_others(identity: Harness) -> None:
    visiting = await visit(identity)
    party = visiting.party
    metadata = (await identity.http.get("/.well-known/openid-configuration")).json()
    async with party.client() as client:
        url, state = client.create_authorization_url(
            metadata["authorization_endpoint"], code_verifier="v" * 64, nonce="n-1"
        )
        answer = await visiting.browser.sign_in(url, visiting.employee.email)
        location = answer.headers["Location"]
        assert location.startswith(f"{HOME}?")
        assert answer_of(location)["iss"] == ISSUER
        tokens = await client.fetch_token(
            metadata["token_endpoint"],
            authorization_response=location,
            state=state,
            code_verifier="v" * 64,
        )
        claims = await party.claims_of(tokens["id_token"])
        assert (claims["iss"], claims["aud"]) == (ISSUER, party.id)
        assert (claims["sub"], claims["nonce"]) == (str(visiting.employee.id), "n-1")
        assert claims["amr"] == ["pwd"]
        userinfo = await client.get(metadata["userinfo_endpoint"])
        assert userinfo.json() == {
            "sub": str(visiting.employee.id),
            "name": visiting.employee.name,
            "kind": "employee",
            "email": visiting.employee.email,
            "email_verified": False,
        }
        renewed = await client.refresh_token(metadata["token_endpoint"])
        assert renewed["refresh_token"] != tokens["refresh_token"]
        assert (await client.get(metadata["userinfo_endpoint"])).status_code == 200
        revoked = await client.revoke_token(metadata["revocation_endpoint"])
        assert revoked.status_code == 200
    assert (await party.userinfo(renewed["access_token"])).status_code in {200, 401}


async def test_an_application_that_keeps_no_secret_proves_itself_by_pkce(
    identity: Harness,
) -> None:
    visiting = await visit(identity, confidential=False)
    tokens = await visiting.tokens()
    assert (await visiting.party.userinfo(tokens["access_token"])).status_code == 200


async def test_each_scope_tells_its_own_and_no_more(identity: Harness) -> None:
    visiting = await visit(identity)
    for scope, names in {
        "openid": {"sub"},
        "openid email": {"sub", "email", "email_verified"},
        "openid profile unknown": {"sub", "name", "kind"},
    }.items():
        tokens = await visiting.tokens(scope=scope)
        assert "refresh_token" not in tokens
        assert set((await visiting.party.userinfo(tokens["access_token"])).json()) == names


async def test_one_sign_in_is_enough_for_every_application(identity: Harness) -> None:
    visiting = await visit(identity)
    first = await visiting.party.claims_of((await visiting.tokens())["id_token"])
    other = Visit(await relying_party(identity), visiting.browser, visiting.employee)
    second = await other.party.claims_of((await other.tokens())["id_token"])
    assert (first["sid"], first["auth_time"]) == (second["sid"], second["auth_time"])
    assert len(await visiting.started()) == 1


async def test_who_has_to_sign_in_again_does(identity: Harness) -> None:
    visiting = await visit(identity)
    await visiting.tokens()
    for changes in ({"prompt": "login"}, {"max_age": "0"}, {"prompt": "select_account"}):
        url = visiting.party.asking(**changes)
        page = await visiting.browser.get(url)
        assert "Password" in page.text, changes
        answer = await visiting.browser.sign_in(url, visiting.employee.email)
        assert "code" in answer_of(answer.headers["Location"])
    assert "code" in answer_of(
        (await visiting.browser.get(visiting.party.asking(max_age="3600"))).headers["Location"]
    )


async def test_a_silent_request_shows_nothing(identity: Harness) -> None:
    visiting = await visit(identity, first_party=False)
    url = visiting.party.asking(prompt="none")
    told = answer_of((await visiting.browser.get(url)).headers["Location"])
    assert (told["error"], told["state"], told["iss"]) == ("login_required", "a state", ISSUER)
    page = await visiting.browser.sign_in(visiting.party.asking(), visiting.employee.email)
    told = answer_of((await visiting.browser.get(url)).headers["Location"])
    assert told["error"] == "consent_required"
    await visiting.browser.follow(await visiting.browser.submit(page, decision="allow"))
    assert "code" in answer_of((await visiting.browser.get(url)).headers["Location"])


async def test_a_user_agrees_once_and_again_for_more(identity: Harness) -> None:
    visiting = await visit(identity, first_party=False)
    browser, party = visiting.browser, visiting.party
    page = await browser.sign_in(party.asking(scope="openid"), visiting.employee.email)
    assert "read your email address" not in page.text
    agreed = await browser.follow(await browser.submit(page, decision="allow"))
    assert "code" in answer_of(agreed.headers["Location"])
    assert "code" in answer_of(
        (await browser.get(party.asking(scope="openid"))).headers["Location"]
    )
    more = await browser.get(party.asking(scope="openid email"))
    assert "read your email address" in more.text
    again = await browser.get(party.asking(scope="openid", prompt="consent"))
    refused = await browser.submit(again, decision="deny")
    assert answer_of(refused.headers["Location"])["error"] == "access_denied"


async def test_an_application_of_employees_is_closed_to_clients(identity: Harness) -> None:
    visiting = await visit(identity, open_to=["client"])
    answer = await visiting.browser.sign_in(visiting.party.asking(), visiting.employee.email)
    assert answer_of(answer.headers["Location"])["error"] == "access_denied"


async def test_a_browser_may_ask_with_a_form(identity: Harness) -> None:
    visiting = await visit(identity)
    path, _, query = visiting.party.asking().partition("?")
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    answer = await visiting.browser.http.post(path, content=query, headers=headers)
    assert answer.status_code == 303
    assert "Password" in (await visiting.browser.follow(answer)).text


async def test_a_hint_of_another_user_signs_nobody_in_silently(identity: Harness) -> None:
    visiting = await visit(identity)
    id_token = (await visiting.tokens())["id_token"]
    ask = {"prompt": "none", "id_token_hint": id_token}
    answer = await visiting.browser.get(visiting.party.asking(**ask))
    assert "code" in answer_of(answer.headers["Location"])
    other = await visit(identity, "another@example.com")
    await other.code()
    answer = await other.browser.get(other.party.asking(**ask))
    assert answer_of(answer.headers["Location"])["error"] == "login_required"


async def test_who_has_a_second_factor_is_asked_for_it_on_a_page_of_its_own(
    identity: Harness,
) -> None:
    visiting = await visit(identity)
    email = visiting.employee.email
    totp = await with_totp(identity, await entered(identity, email))
    page = await visiting.browser.get(visiting.party.asking())
    page = await visiting.browser.submit(page, email=email, password=PASSWORD)
    assert (page.status_code, "Set-Cookie" in page.headers) == (200, False)
    for wrong in ("000000", "not-a-code", "\u0661\u0662\u0663"):
        page = await visiting.browser.submit(page, code=wrong)
        assert page.status_code in {401, 422}
    answer = await visiting.browser.submit(page, code=totp.now())
    answer = await visiting.browser.follow(answer)
    code = answer_of(answer.headers["Location"])["code"]
    tokens = (await visiting.party.token(code=code)).json()
    assert (await visiting.party.claims_of(tokens["id_token"]))["amr"] == ["mfa", "otp", "pwd"]


async def test_who_lacks_a_demanded_second_factor_gets_into_no_application(
    identity: Harness,
) -> None:
    visiting = await visit(identity)
    answer = await visiting.browser.sign_in(visiting.party.asking(), visiting.employee.email)
    assert "code" in answer_of(answer.headers["Location"])
    await demanding(identity, visiting.employee)
    answer = await visiting.browser.get(visiting.party.asking())
    assert answer_of(answer.headers["Location"])["error"] == "access_denied"
    fresh = Browser.of(identity)
    page = await fresh.get(visiting.party.asking())
    refused = await fresh.submit(page, email=visiting.employee.email, password=PASSWORD)
    assert (refused.status_code, "second factor" in refused.text) == (409, True)


async def demanding(identity: Harness, employee: EmployeeInvited) -> None:
    """A provider of the employee's that demands second factors."""
    event = ProviderCreated(
        id=(employee.provider_ids or (new_id(),))[0],
        name="N-1",
        slug="n-1",
        currency="RUB",
        time_zone="Europe/Moscow",
        registration_open=True,
        conditions=(),
        employees_need_second_factor=True,
    )
    await identity.deliver(event, sequence=9)
