"""`/oauth2/logout`: an application signs its user out.

Source: OpenID Connect RP-Initiated Logout 1.0.
"""

from typing import Annotated, Final
from urllib.parse import urlencode

from fastapi import Depends, Request, Response
from fastapi.responses import HTMLResponse

from florin_chassis.http.endpoint import PUBLIC, BeginTransaction, Reading, Router
from florin_identity.api.browsers import FormKey, forget_login, login_of
from florin_identity.api.oauth2 import Form
from florin_identity.api.pages import form_page, page, refusing, sent_on
from florin_identity.api.tools import CurrentIdTokens
from florin_identity.models.authorization import Parameters
from florin_identity.queries.find_sign_out import SignOut, find_sign_out
from florin_identity.use_cases.sign_out_browser import sign_out_browser

router = Router(tags=["openid connect"], default_response_class=HTMLResponse)

PATH: Final = "/oauth2/logout"
CONFIRM: Final = "/oauth2/sign-out"


async def _asked(request: Request, id_tokens: CurrentIdTokens, session: Reading) -> SignOut:
    sent = Parameters.of(request.url.query)
    hint = id_tokens.read(sent.get("id_token_hint"))
    return await find_sign_out(session, sent, hint, login_of(request))


Asked = Annotated[SignOut, Depends(_asked)]


@router.get(PATH, permission=PUBLIC, refusing=refusing, response_model=None)
async def get_logout(request: Request, asked: Asked, begin: BeginTransaction) -> Response:
    """The user is asked, unless the application shows that it is its own user's sign-in."""
    if asked.to_be_confirmed:
        purpose = f"{CONFIRM}?{asked.sent.canonical}"
        return form_page(
            request,
            "sign_out",
            purpose,
            sent_on_to=asked.return_to,
            action=purpose,
            application=asked.application_name,
        )
    return await _signed_out(request, asked, begin)


@router.post(PATH, permission=PUBLIC, refusing=refusing, status_code=303, response_model=None)
async def post_logout(form: Form) -> Response:
    return sent_on(f"{PATH}?{urlencode(form)}")


@router.post(CONFIRM, permission=PUBLIC, refusing=refusing, status_code=303, response_model=None)
async def post_sign_out(
    request: Request, asked: Asked, form: Form, begin: BeginTransaction
) -> Response:
    FormKey(request).require(form, f"{CONFIRM}?{asked.sent.canonical}")
    return await _signed_out(request, asked, begin)


async def _signed_out(request: Request, asked: SignOut, begin: BeginTransaction) -> Response:
    await sign_out_browser(login_of(request), begin)
    if asked.location:
        response = sent_on(asked.location)
    else:
        response = page("told", title="You are signed out", told="You can close this page.")
    forget_login(response)
    return response
