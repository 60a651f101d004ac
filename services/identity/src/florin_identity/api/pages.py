"""Pages that people see while they sign in: no script, nothing of others, in nobody's frame."""

from importlib.resources import files
from typing import Any, Final

from fastapi import Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from jinja2 import Environment, PackageLoader, StrictUndefined

from florin_chassis.errors import Refusal
from florin_identity.api.browsers import FormKey
from florin_identity.models.authorization import AuthorizationRefused
from florin_identity.models.redirect_uris import origin_of

STYLESHEET: Final = (files("florin_identity") / "api/templates/pages.css").read_text("utf-8")
SCRIPT: Final = (files("florin_identity") / "api/templates/passkey.js").read_text("utf-8")
_WITH_SCRIPT: Final = frozenset({"sign_in", "second_factor"})
"""The pages on which a passkey may be used: it is asked for by our own script, and no other."""

_PAGES: Final = Environment(
    loader=PackageLoader("florin_identity", "api/templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_SEE_OTHER: Final = 303


def page(name: str, status: int = 200, sent_on_to: str | None = None, **values: Any) -> Response:
    """The page; its forms may be answered by sending the browser on to this address of others.

    A browser takes where a form's answer sends it for the form's own target: `form-action` must
    name it (CSP 3, section 6.4.1).
    """
    targets = f"'self' {origin_of(sent_on_to)}" if sent_on_to else "'self'"
    script = "script-src 'self'; connect-src 'self'; " if name in _WITH_SCRIPT else ""
    policy = (
        f"default-src 'none'; style-src 'self'; {script}form-action {targets}; "
        "frame-ancestors 'none'; base-uri 'none'"
    )
    html = _PAGES.get_template(f"{name}.html.jinja").render(values)
    return HTMLResponse(html, status, {"Content-Security-Policy": policy})


def form_page(
    request: Request, name: str, purpose: str, *, status: int = 200, **values: Any
) -> Response:
    """A page with a form that is good in this browser, and for this purpose."""
    key = FormKey(request)
    response = page(name, status, form_token=key.token(purpose), **values)
    key.keep(response)
    return response


def sent_on(location: str) -> Response:
    """Send the browser on, with a GET whatever it came with."""
    return RedirectResponse(location, _SEE_OTHER)


async def refusing(request: Request, refusal: Refusal) -> Response:
    """A refusal as the browser gets it: told to the application if it can be, else to the user."""
    if isinstance(refusal, AuthorizationRefused):
        return sent_on(refusal.location(request.app.state.runtime.settings.token_issuer))
    response = page("told", refusal.status, title="That did not work", told=refusal.detail)
    response.headers.update(refusal.headers)
    return response
