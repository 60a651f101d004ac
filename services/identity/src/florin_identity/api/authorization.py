"""`/oauth2/authorize`: users sign in here for an application, agree, and are sent back to it.

The request stays in the address all the way, and is checked anew at each step: nothing is kept of
someone who never signs in.
"""

import json
from typing import Annotated, Final
from urllib.parse import urlencode

from fastapi import Depends, Request, Response
from fastapi.responses import HTMLResponse
from pydantic import ValidationError

from florin_chassis.errors import Malformed, Refusal
from florin_chassis.http.endpoint import PUBLIC, BeginTransaction, Reading, Router
from florin_identity.api.browsers import FormKey, keep_login, login_of
from florin_identity.api.oauth2 import Form
from florin_identity.api.pages import form_page, refusing, sent_on
from florin_identity.api.proving import PasskeySignIn
from florin_identity.api.session_schemas import NewSession
from florin_identity.api.tools import CurrentIdTokens, CurrentLives, CurrentSigningIn
from florin_identity.models.authorization import AuthorizationRequest, Parameters
from florin_identity.models.redirect_uris import with_parameters
from florin_identity.models.second_factors import (
    Answer,
    Assertion,
    Code,
    Recovery,
    WrongSecondFactor,
)
from florin_identity.models.second_factors import Asked as FactorAsked
from florin_identity.queries.find_authorization_request import find_authorization_request
from florin_identity.use_cases.authorize_application import (
    Authorized,
    ConsentNeeded,
    authorize_application,
)
from florin_identity.use_cases.give_consent import give_consent
from florin_identity.use_cases.sign_in_browser import (
    finish_browser_sign_in,
    sign_in_browser,
    sign_in_browser_with_passkey,
)

router = Router(tags=["openid connect"], default_response_class=HTMLResponse)

PATH: Final = "/oauth2/authorize"
SIGN_IN: Final = "/oauth2/sign-in"
SECOND_FACTOR: Final = "/oauth2/second-factor"
CONSENT: Final = "/oauth2/consent"
_CODE_LENGTH_MAX: Final = 40


async def _sent(request: Request) -> Parameters:
    return Parameters.of(request.url.query)


Sent = Annotated[Parameters, Depends(_sent)]


async def _asked(request: Request, sent: Sent, session: Reading) -> AuthorizationRequest:
    """For the route, and for the page that says no in its stead."""
    asked = await find_authorization_request(session, sent)
    request.state.sent, request.state.asked = sent, asked
    return asked


Asked = Annotated[AuthorizationRequest, Depends(_asked)]


@router.get(PATH, permission=PUBLIC, refusing=refusing, response_model=None)
async def get_authorization(
    request: Request,
    asked: Asked,
    id_tokens: CurrentIdTokens,
    lives: CurrentLives,
    begin: BeginTransaction,
) -> Response:
    hint = id_tokens.read(asked.id_token_hint)
    step = await authorize_application(asked, login_of(request), hint, lives, begin)
    if isinstance(step, Authorized):
        issuer = request.app.state.runtime.settings.token_issuer
        answer = {"code": step.code, "state": asked.state, "iss": issuer}
        return sent_on(with_parameters(asked.redirect_uri, answer))
    if isinstance(step, ConsentNeeded):
        return _consent_page(request, asked, step.browser.user_name)
    return _sign_in_page(request)


@router.post(PATH, permission=PUBLIC, refusing=refusing, status_code=303, response_model=None)
async def post_authorization(form: Form) -> Response:
    """As OpenID Connect wants it. A form of another site's brings no cookie along; a GET does."""
    return sent_on(f"{PATH}?{urlencode(form)}")


async def _refusing_sign_in(request: Request, refusal: Refusal) -> Response:
    """The form again, with what is wrong; whatever came before the form is told as elsewhere."""
    if not hasattr(request.state, "signs_in"):
        return await refusing(request, refusal)
    response = _sign_in_page(request, refusal)
    response.headers.update(refusal.headers)
    return response


@router.post(
    SIGN_IN,
    permission=PUBLIC,
    secret_answer=True,
    refusing=_refusing_sign_in,
    status_code=303,
    response_model=None,
)
async def post_sign_in(
    request: Request, asked: Asked, form: Form, tools: CurrentSigningIn, begin: BeginTransaction
) -> Response:
    del asked  # an application that is not known has no form here
    sent: Parameters = request.state.sent
    FormKey(request).require(form, _purpose(SIGN_IN, sent))
    request.state.signs_in = form.get("email", "")
    if "credential" in form:
        signed = _signed_challenge(form)
        secret = await sign_in_browser_with_passkey(
            signed.challenge, _assertion(signed), tools, begin
        )
        return _signed_in(sent, secret)
    login = _credentials(form)
    outcome = await sign_in_browser(login.email, login.password.get_secret_value(), tools, begin)
    if isinstance(outcome, FactorAsked):
        request.state.options = json.dumps(outcome.passkey) if outcome.passkey else ""
        return _second_factor_page(request, outcome.challenge)
    return _signed_in(sent, outcome)


async def _refusing_second_factor(request: Request, refusal: Refusal) -> Response:
    """The form again while its challenge holds; else whoever signs in begins again."""
    if not hasattr(request.state, "challenge"):
        return await refusing(request, refusal)
    if isinstance(refusal, WrongSecondFactor | Malformed):
        return _second_factor_page(request, request.state.challenge, refusal)
    response = _sign_in_page(request, refusal)
    response.headers.update(refusal.headers)
    return response


@router.post(
    SECOND_FACTOR,
    permission=PUBLIC,
    secret_answer=True,
    refusing=_refusing_second_factor,
    status_code=303,
    response_model=None,
)
async def post_second_factor(
    request: Request, asked: Asked, form: Form, tools: CurrentSigningIn, begin: BeginTransaction
) -> Response:
    del asked
    sent: Parameters = request.state.sent
    FormKey(request).require(form, _purpose(SECOND_FACTOR, sent))
    request.state.challenge = form.get("challenge", "")
    request.state.options = form.get("options", "")
    answer = _second_factor(form)
    secret = await finish_browser_sign_in(request.state.challenge, answer, tools, begin)
    return _signed_in(sent, secret)


def _signed_in(sent: Parameters, secret: str) -> Response:
    response = sent_on(f"{PATH}?{sent.after_sign_in()}")
    keep_login(response, secret)
    return response


@router.post(CONSENT, permission=PUBLIC, refusing=refusing, status_code=303, response_model=None)
async def post_consent(
    request: Request, asked: Asked, form: Form, begin: BeginTransaction
) -> Response:
    sent: Parameters = request.state.sent
    FormKey(request).require(form, _purpose(CONSENT, sent))
    if form.get("decision") != "allow":
        raise asked.refused("access_denied", "the user did not agree")
    await give_consent(asked, login_of(request), begin)
    return sent_on(f"{PATH}?{sent.after_consent()}")


def _credentials(form: dict[str, str]) -> NewSession:
    try:
        return NewSession.model_validate(
            {name: form.get(name, "") for name in ("email", "password")}
        )
    except ValidationError:
        raise Malformed("enter your email address and your password") from None


def _signed_challenge(form: dict[str, str]) -> PasskeySignIn:
    """What the page's script has put into the form; raises `Malformed`."""
    try:
        credential = json.loads(form["credential"])
        said = {"challenge": form.get("challenge", ""), "credential": credential}
        return PasskeySignIn.model_validate(said)
    except (ValueError, RecursionError):
        raise Malformed("the passkey's answer is malformed") from None


def _assertion(signed: PasskeySignIn) -> Assertion:
    return Assertion(signed.credential.model_dump(exclude_none=True))


def _second_factor(form: dict[str, str]) -> Answer:
    if "credential" in form:
        return _assertion(_signed_challenge(form))
    return _typed(form.get("code", ""))


def _typed(code: str) -> Code | Recovery:
    """Six digits are an authenticator app's; whatever else was typed is a recovery code."""
    plain = code.replace(" ", "")
    if not plain.isascii() or len(code) > _CODE_LENGTH_MAX:
        raise Malformed("enter the code as it is shown")
    return Code(plain) if plain.isdecimal() else Recovery(code)


def _purpose(path: str, sent: Parameters) -> str:
    return f"{path}?{sent.canonical}"


def _sign_in_page(request: Request, refusal: Refusal | None = None) -> Response:
    sent: Parameters = request.state.sent
    asked: AuthorizationRequest = request.state.asked
    return form_page(
        request,
        "sign_in",
        _purpose(SIGN_IN, sent),
        status=refusal.status if refusal else 200,
        sent_on_to=asked.redirect_uri,
        action=_purpose(SIGN_IN, sent),
        application=asked.application.name,
        email=getattr(request.state, "signs_in", asked.login_hint or ""),
        fault=refusal.detail if refusal else None,
    )


def _second_factor_page(
    request: Request, challenge: str, refusal: Refusal | None = None
) -> Response:
    sent: Parameters = request.state.sent
    asked: AuthorizationRequest = request.state.asked
    return form_page(
        request,
        "second_factor",
        _purpose(SECOND_FACTOR, sent),
        status=refusal.status if refusal else 200,
        sent_on_to=asked.redirect_uri,
        action=_purpose(SECOND_FACTOR, sent),
        application=asked.application.name,
        challenge=challenge,
        options=request.state.options,
        fault=refusal.detail if refusal else None,
    )


def _consent_page(request: Request, asked: AuthorizationRequest, user_name: str) -> Response:
    sent: Parameters = request.state.sent
    return form_page(
        request,
        "consent",
        _purpose(CONSENT, sent),
        sent_on_to=asked.redirect_uri,
        action=_purpose(CONSENT, sent),
        application=asked.application.name,
        user=user_name,
        scopes=asked.scopes,
        as_another=f"{PATH}?{sent.as_another()}",
    )
