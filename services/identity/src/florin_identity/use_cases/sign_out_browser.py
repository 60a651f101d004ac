"""A user signs out here, and so everywhere that it went to from here."""

from florin_chassis.transaction import Begin
from florin_contracts.identity import SessionEndCause
from florin_identity.models.browser_login import find_signed_in
from florin_identity.models.ending import end_session
from florin_identity.models.proven import act_as
from florin_identity.models.session import Session


async def sign_out_browser(browser_secret: str | None, begin: Begin) -> None:
    """The session ends with all its tokens; nothing happens if the browser is not signed in."""
    async with begin() as transaction:
        browser = await find_signed_in(transaction.session, browser_secret)
        if browser is None:
            return
        act_as(transaction, browser.user_id)
        session = await transaction.get(Session, browser.session_id)
        await end_session(transaction, session, SessionEndCause.SIGNED_OUT)
