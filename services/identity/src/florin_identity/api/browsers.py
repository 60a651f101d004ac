"""What a browser is recognised by: a cookie of its sign-in, and one that its forms are bound to."""

import hmac
import re
import secrets
from hashlib import sha256
from typing import Final

from fastapi import Request, Response

from florin_chassis.errors import Forbidden

LOGIN: Final = "__Host-florin_login"
FORM: Final = "__Host-florin_form"
FORM_TOKEN: Final = "form_token"  # noqa: S105 - a field's name
_SECRET_BYTES: Final = 32
_SECRET: Final = re.compile(r"[A-Za-z0-9_-]{43}")


class FormNotOurs(Forbidden):
    """The form was not made for this browser, or not for this: it may be another site's."""

    code = "form_not_ours"


def login_of(request: Request) -> str | None:
    """The secret of the browser's sign-in, if it has one."""
    return _well_formed(request.cookies.get(LOGIN))


def keep_login(response: Response, secret: str) -> None:
    """Sign the browser in: it starts with a form cookie of its own making, too."""
    _keep(response, LOGIN, secret)
    _forget(response, FORM)


def forget_login(response: Response) -> None:
    """Sign the browser out."""
    _forget(response, LOGIN)
    _forget(response, FORM)


class FormKey:
    """Makes and checks the tokens of a browser's forms, which no other site can know."""

    def __init__(self, request: Request) -> None:
        sent = _well_formed(request.cookies.get(FORM))
        self._fresh = sent is None
        self._secret = sent or secrets.token_urlsafe(_SECRET_BYTES)

    def token(self, purpose: str) -> str:
        """What the form carries, good for this purpose only."""
        return hmac.new(self._secret.encode(), purpose.encode(), sha256).hexdigest()

    def require(self, form: dict[str, str], purpose: str) -> None:
        """Raise `FormNotOurs` unless the form carries the token of this purpose."""
        sent = form.get(FORM_TOKEN, "").encode()
        if self._fresh or not hmac.compare_digest(sent, self.token(purpose).encode()):
            raise FormNotOurs("this form is out of date, or not from here: go back and try again")

    def keep(self, response: Response) -> None:
        """Have the browser keep what its forms are bound to."""
        if self._fresh:
            _keep(response, FORM, self._secret)


def _well_formed(secret: str | None) -> str | None:
    return secret if secret and _SECRET.fullmatch(secret) else None


def _keep(response: Response, name: str, secret: str) -> None:
    """Until the browser is closed; how long it is good for is decided here."""
    response.set_cookie(name, secret, secure=True, httponly=True, samesite="lax", path="/")


def _forget(response: Response, name: str) -> None:
    response.delete_cookie(name, secure=True, httponly=True, samesite="lax", path="/")
