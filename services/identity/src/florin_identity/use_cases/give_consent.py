"""A user agrees to what an application asked for."""

from florin_chassis.transaction import Begin
from florin_identity.models.authorization import AuthorizationRequest
from florin_identity.models.browser_login import find_signed_in
from florin_identity.models.consent import keep_consent
from florin_identity.models.proven import act_as
from florin_identity.models.security_log import SecurityAct, note


async def give_consent(
    asked: AuthorizationRequest, browser_secret: str | None, begin: Begin
) -> None:
    """Nothing is kept for who is not signed in any more: the next step asks for that."""
    async with begin() as transaction:
        browser = await find_signed_in(transaction.session, browser_secret)
        if browser is None:
            return
        act_as(transaction, browser.user_id)
        await keep_consent(transaction.session, browser.user_id, asked.application.id, asked.scopes)
        about = {"application": str(asked.application.id), "scopes": list(asked.scopes)}
        note(transaction, SecurityAct.CONSENT_GIVEN, browser.user_id, **about)
