"""A mail server that keeps what it is handed in, and refuses what a test tells it to refuse."""

import asyncio
import re
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any, cast

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, Session
from pydantic import SecretStr

from florin_chassis.runtime import Runtime
from florin_chassis.testing.harness import Harness
from florin_identity.delivery.mailer import Mailer

SENDER = "no-reply@florin.example"
FRONTEND = "https://panel.example.com"
USERNAME, PASSWORD = "florin", "the password of the mail server"
ACCEPTED = "250 OK"


@dataclass
class Mailbox:
    """`answers` are given to `RCPT TO` and `DATA` in turn, before what is accepted."""

    port: int = 0
    received: list[EmailMessage] = field(default_factory=list)
    recipients: list[str] = field(default_factory=list)
    rcpt_answers: list[str] = field(default_factory=list)
    data_answers: list[str] = field(default_factory=list)
    passwords: list[bytes] = field(default_factory=list)
    tried: int = 0
    held: asyncio.Event | None = None
    _changed: asyncio.Condition = field(default_factory=asyncio.Condition)

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        del server, session, options
        answer = self.rcpt_answers.pop(0) if self.rcpt_answers else ACCEPTED
        if answer == ACCEPTED:
            envelope.rcpt_tos.append(address)
        await self._note_try()
        return answer

    async def handle_DATA(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        del server, session
        if self.held is not None:
            await self.held.wait()
        answer = self.data_answers.pop(0) if self.data_answers else ACCEPTED
        if answer == ACCEPTED:
            content = cast(bytes, envelope.content)
            self.received.append(message_from_bytes(content, policy=default))
            self.recipients += envelope.rcpt_tos
        await self._note_try()
        return answer

    def knows(
        self, server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: Any
    ) -> AuthResult:
        """Whether name and password are those of the one who may send."""
        del server, session, envelope, mechanism
        self.passwords.append(data.password)
        right = (data.login, data.password) == (USERNAME.encode(), PASSWORD.encode())
        return AuthResult(success=right, handled=False)

    async def _note_try(self) -> None:
        async with self._changed:
            self.tried += 1
            self._changed.notify_all()

    async def until(self, condition: Callable[["Mailbox"], bool]) -> None:
        """Wait for what a mailer brings."""
        async with asyncio.timeout(20), self._changed:
            await self._changed.wait_for(lambda: condition(self))

    async def until_tried(self, times: int) -> None:
        """Wait until so many commands have been answered; a letter is two: RCPT and DATA."""
        await self.until(lambda box: box.tried >= times)

    def token(self, number: int = -1) -> str:
        """The token of the link in a letter."""
        (token,) = set(re.findall(r"#token=([\w-]+)", text_of(self.received[number])))
        return str(token)


async def sent(box: Mailbox, *recipients: str) -> None:
    """Wait until these have their letters, in whatever order."""
    await box.until(lambda box: len(box.received) >= len(recipients))
    assert sorted(box.recipients) == sorted(recipients)


def text_of(message: EmailMessage) -> str:
    """Its plain text."""
    part = message.get_body(("plain",))
    assert part is not None
    return str(part.get_content())


def html_of(message: EmailMessage) -> str:
    part = message.get_body(("html",))
    assert part is not None
    return str(part.get_content())


@asynccontextmanager
async def mailbox(tls: ssl.SSLContext | None = None, **options: Any) -> AsyncIterator[Mailbox]:
    """A server on a port of its own; with `tls` it wants STARTTLS, then name and password."""
    box = Mailbox()
    if tls is not None:
        options |= {"require_starttls": True, "auth_required": True, "authenticator": box.knows}

    def connected() -> SMTP:
        return SMTP(box, tls_context=tls, hostname="mail.test", **options)

    server = await asyncio.get_running_loop().create_server(connected, "127.0.0.1", 0)
    box.port = server.sockets[0].getsockname()[1]
    try:
        yield box
    finally:
        server.close()
        server.close_clients() if hasattr(server, "close_clients") else None


def mailing(identity: Harness, box: Mailbox, **changes: Any) -> Runtime:
    """The runtime of a mailer that hands in its letters there."""
    settings = {
        "smtp_host": "127.0.0.1",
        "smtp_port": box.port,
        "smtp_security": "none",
        "letters_from": SENDER,
        "frontend_url": FRONTEND,
        "letters_poll_ms": 10,
    }
    told = identity.runtime.settings.model_copy(update=settings | changes)
    return replace(identity.runtime, settings=told)


def with_password(**changes: Any) -> dict[str, Any]:
    """Settings of a mail server that wants a name and a password, which needs TLS."""
    return {
        "smtp_security": "starttls",
        "smtp_username": USERNAME,
        "smtp_password": SecretStr(PASSWORD),
        **changes,
    }


@asynccontextmanager
async def mailer(runtime: Runtime, replicas: int = 1) -> AsyncIterator[None]:
    """So many mailers at work."""
    stopping = asyncio.Event()
    running = [asyncio.ensure_future(Mailer(runtime).run(stopping)) for _ in range(replicas)]
    try:
        yield
    finally:
        stopping.set()
        await asyncio.gather(*running)
