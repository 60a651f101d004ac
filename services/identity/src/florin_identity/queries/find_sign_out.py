"""What an application asks for that signs its user out."""

from typing import NamedTuple

from sqlalchemy.ext.asyncio import AsyncSession

from florin_identity.models.application import find_application
from florin_identity.models.authorization import AuthorizationImpossible, Parameters
from florin_identity.models.browser_login import find_signed_in
from florin_identity.models.id_tokens import IdTokenHint
from florin_identity.models.redirect_uris import is_registered, with_parameters


class SignOut(NamedTuple):
    """A sign-out as it was asked for; `return_to` is registered, if it is there."""

    sent: Parameters
    application_name: str | None
    return_to: str | None
    to_be_confirmed: bool

    @property
    def location(self) -> str | None:
        """Where the browser is sent in the end."""
        if self.return_to is None:
            return None
        return with_parameters(self.return_to, {"state": self.sent.get("state")})


async def find_sign_out(
    session: AsyncSession,
    sent: Parameters,
    hint: IdTokenHint | None,
    browser_secret: str | None,
) -> SignOut:
    """Raises `AuthorizationImpossible` when it is not known where to send the user back to.

    Whoever could sign a user out without a word could annoy it. So it is asked, unless the
    application shows an ID token of the very sign-in.
    """
    if sent.repeated:
        raise AuthorizationImpossible("a parameter is there twice")
    client_id = sent.get("client_id") or (str(hint.application_id) if hint else None)
    if hint and client_id != str(hint.application_id):
        raise AuthorizationImpossible("the ID token is another application's")
    application = await find_application(session, client_id)
    return_to = sent.get("post_logout_redirect_uri")
    known = application.post_logout_redirect_uris if application else ()
    if return_to is not None and not is_registered(return_to, known):
        raise AuthorizationImpossible("the application has not registered where to send you back")
    browser = await find_signed_in(session, browser_secret)
    shown = browser is not None and hint is not None and hint.session_id == browser.session_id
    name = application.name if application else None
    return SignOut(sent, name, return_to, browser is not None and not shown)
