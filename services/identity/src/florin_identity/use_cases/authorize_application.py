"""A user who is signed in with a browser is sent back to an application, with a code for it."""

from datetime import UTC, datetime
from typing import NamedTuple

from florin_chassis.transaction import Begin, Transaction
from florin_identity.models.application_grant import Lives, issue_code
from florin_identity.models.authorization import AuthorizationRequest
from florin_identity.models.browser_login import SignedInBrowser, find_signed_in
from florin_identity.models.consent import has_consented
from florin_identity.models.id_tokens import IdTokenHint
from florin_identity.models.proven import act_as
from florin_identity.models.security_log import SecurityAct, note
from florin_identity.models.standing import is_provisional


class SignInNeeded(NamedTuple):
    """The user has to sign in first."""


class ConsentNeeded(NamedTuple):
    """The user has to agree first."""

    browser: SignedInBrowser


class Authorized(NamedTuple):
    """The code to send the user back with."""

    code: str


Step = SignInNeeded | ConsentNeeded | Authorized


async def authorize_application(
    asked: AuthorizationRequest,
    browser_secret: str | None,
    hint: IdTokenHint | None,
    lives: Lives,
    begin: Begin,
) -> Step:
    """What comes next; raises `AuthorizationRefused`.

    A silent request is refused where the user would have to do something.
    """
    async with begin() as transaction:
        browser = await find_signed_in(transaction.session, browser_secret)
        known = browser is not None and (hint is None or hint.user_id == browser.user_id)
        signed_in_at = browser.signed_in_at if browser and known else None
        if browser is None or asked.asks_to_sign_in(signed_in_at, datetime.now(UTC)):
            if asked.silent:
                raise asked.refused("login_required", "the user is not signed in")
            return SignInNeeded()
        act_as(transaction, browser.user_id)
        if await is_provisional(transaction.session, browser.session_id, browser.user_id):
            raise asked.refused("access_denied", "a second factor is demanded of the user")
        if not asked.application.admits(browser.user_kind):
            raise asked.refused("access_denied", "the application is not for users of this kind")
        if await _asks_for_consent(transaction, asked, browser):
            if asked.silent:
                raise asked.refused("consent_required", "the user has not agreed yet")
            return ConsentNeeded(browser)
        code = await issue_code(transaction.session, asked, browser, lives)
        about = {"application": str(asked.application.id), "scopes": list(asked.scopes)}
        note(transaction, SecurityAct.AUTHORIZED, browser.user_id, **about)
    return Authorized(code)


async def _asks_for_consent(
    transaction: Transaction, asked: AuthorizationRequest, browser: SignedInBrowser
) -> bool:
    """The installation's own applications need none, unless they ask for it."""
    if "consent" in asked.prompts:
        return True
    if asked.application.first_party:
        return False
    return not await has_consented(
        transaction.session, browser.user_id, asked.application.id, asked.scopes
    )
