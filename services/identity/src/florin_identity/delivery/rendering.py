"""Makes a message of a letter: plain text and HTML from one template, one for each kind."""

import re
from datetime import UTC, datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from typing import Final
from uuid import UUID

from jinja2 import Environment, PackageLoader, StrictUndefined, Template

from florin_identity.delivery.links import LINKS
from florin_identity.delivery.preparing import Prepared
from florin_identity.models.letter import LetterKind
from florin_identity.settings import MailSettings

_NAME_LENGTH_MAX: Final = 60
_LIKE_A_LINK: Final = re.compile(r"[/@:]|\w\.\w")
_TEMPLATES: Final = {
    form: Environment(
        loader=PackageLoader("florin_identity", "delivery/templates"),
        autoescape=form == "html",  # noqa: S701 - plain text has no markup to escape
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    for form in ("txt", "html")
}


def message_of(prepared: Prepared, settings: MailSettings) -> EmailMessage:
    """The message; its `Message-ID` is the letter's own, however often it is sent.

    Raises `ValueError` for a recipient that is no address.
    """
    letter = prepared.letter
    values = {
        **letter.details,
        "name": greeted(letter.details.get("name")),
        "brand": settings.letters_from_name,
        "link": link_of(letter.kind, prepared.token, settings),
    }
    rendered = {
        form: environment.get_template(f"{letter.kind}.jinja")
        for form, environment in _TEMPLATES.items()
    }
    message = EmailMessage(SMTP)
    message["Subject"] = _one_line(_block(rendered["txt"], "subject", values))
    message["From"] = Address(settings.letters_from_name, addr_spec=settings.letters_from or "")
    message["To"] = address_of(letter.recipient)
    message["Date"] = format_datetime(datetime.now(UTC))
    message["Message-ID"] = message_id(letter.id, settings)
    message["Auto-Submitted"] = "auto-generated"  # RFC 3834: nobody's absence note answers it
    message.set_content(rendered["txt"].render(values, layout="layout.txt.jinja"))
    message.add_alternative(
        rendered["html"].render(values, layout="layout.html.jinja"), subtype="html"
    )
    return message


def message_id(letter_id: UUID, settings: MailSettings) -> str:
    """The same at every try: a receiver that has the letter already can tell."""
    return f"<{letter_id}@{(settings.letters_from or '').rpartition('@')[2]}>"


def address_of(recipient: str) -> Address:
    """The recipient as it stands in a header and in `RCPT TO`: quoted, its domain in ASCII."""
    local, _, domain = recipient.rpartition("@")
    return Address(username=local, domain=domain.encode("idna").decode("ascii"))


def link_of(kind: LetterKind, token: str | None, settings: MailSettings) -> str:
    """Where the letter leads. After the `#`, a token is in no server's log and no referrer."""
    if token is None:
        return settings.frontend_url or ""
    return f"{settings.frontend_url}/{LINKS[kind].page}#token={token}"


def greeted(name: str | None) -> str | None:
    """The name, unless a mail program could make a link of it: anybody may have chosen it."""
    if name is None or len(name) > _NAME_LENGTH_MAX or _LIKE_A_LINK.search(name):
        return None
    return _one_line(name)


def _one_line(text: str) -> str:
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())


def _block(template: Template, name: str, values: dict[str, object]) -> str:
    return "".join(template.blocks[name](template.new_context(values)))
