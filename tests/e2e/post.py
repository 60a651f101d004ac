"""A mail server on this machine that keeps what it is handed in."""

import re
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Self, cast

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from florin_local.demo.checks import DoesNotHold
from florin_local.ports import HOST, free_port


class Post:
    """Open in a `with` block; what a mailer is told is in `environment`."""

    def __init__(self) -> None:
        self.received: list[EmailMessage] = []
        self._controller = Controller(self, hostname=HOST, port=free_port())
        self.environment = {
            "FLORIN_SMTP_HOST": HOST,
            "FLORIN_SMTP_PORT": str(self._controller.port),
            "FLORIN_SMTP_SECURITY": "none",
            "FLORIN_LETTERS_FROM": "no-reply@florin.example",
            "FLORIN_FRONTEND_URL": "https://panel.example.com",
            "FLORIN_LETTERS_POLL_MS": "100",
        }

    async def handle_DATA(  # noqa: N802 - aiosmtpd's name
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        """Take a letter."""
        del server, session
        content = cast(bytes, envelope.content)
        self.received.append(message_from_bytes(content, policy=default))
        return "250 OK"

    def token(self, recipient: str, page: str) -> str:
        """The token of the last link to the page that the recipient was sent."""
        mine = [_text(message) for message in self.received if message["To"] == recipient]
        found = [token for text in mine for token in re.findall(rf"/{page}#token=([\w-]+)", text)]
        if not found:
            came = [message["Subject"] for message in self.received]
            raise DoesNotHold(f"{recipient}'s letters", expected=f"a link to {page}", came=came)
        return str(found[-1])

    def __enter__(self) -> Self:
        self._controller.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._controller.stop()


def _text(message: EmailMessage) -> str:
    """As a mail program shows it."""
    part = message.get_body(("plain",))
    return "" if part is None else str(part.get_content())
