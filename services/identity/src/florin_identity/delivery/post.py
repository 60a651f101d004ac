"""A connection to the mail server, and what its answers mean for a letter."""

import asyncio
import ssl
from email.message import EmailMessage
from types import TracebackType
from typing import Final, Self

from aiosmtplib import SMTP, SMTPException, SMTPRecipientsRefused, SMTPResponseException
from aiosmtplib.errors import SMTPDataError, SMTPNotSupported

from florin_identity.settings import MailSettings

_PERMANENT: Final = 500


class Undeliverable(Exception):
    """The recipient's server will not have the letter, today or tomorrow."""


class PutOff(Exception):
    """This letter could not be sent now; it is not known whether the next one can."""


class Disconnected(Exception):
    """The mail server cannot be reached, or refuses us: no letter is to blame."""


class Post:
    """Open in an `async with` block. TLS is checked; a server that offers none gets no letter."""

    def __init__(self, settings: MailSettings) -> None:
        self._settings = settings
        password = settings.smtp_password
        self._smtp = SMTP(
            hostname=settings.smtp_host,
            port=settings.smtp_port,
            username=settings.smtp_username,
            password=password.get_secret_value() if password else None,
            local_hostname="florin" if settings.smtp_security == "none" else None,
            timeout=settings.smtp_timeout_s,
            use_tls=settings.smtp_security == "tls",
            start_tls=settings.smtp_security == "starttls",
            tls_context=_trust(settings),
        )

    async def __aenter__(self) -> Self:
        """Raises `Disconnected`."""
        try:
            async with asyncio.timeout(self._settings.smtp_timeout_s):
                await self._smtp.connect()
        except (SMTPException, OSError, ValueError) as error:
            self._smtp.close()
            raise Disconnected(repr(error)) from error
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._smtp.__aexit__(kind, error, trace)

    async def send(self, message: EmailMessage) -> None:
        """Return once the server has taken responsibility for the message.

        Raises `Undeliverable`, `PutOff`.
        """
        try:
            async with asyncio.timeout(self._settings.smtp_timeout_s):
                await self._smtp.send_message(message)
        except SMTPRecipientsRefused as error:
            refused = error.recipients[0]
            raise _judged(refused.code, refused.message) from error
        except SMTPDataError as error:
            raise _judged(error.code, error.message) from error
        except SMTPNotSupported as error:  # an address that this server cannot even be told
            raise Undeliverable(str(error)) from error
        except SMTPResponseException as error:  # it refuses us, not the recipient
            raise PutOff(f"{error.code} {error.message}") from error
        except (SMTPException, OSError) as error:
            self._smtp.close()  # in the middle of who knows what: the next letter begins anew
            raise PutOff(repr(error)) from error

    @property
    def is_open(self) -> bool:
        """Whether another message can be sent."""
        return self._smtp.is_connected


def _judged(code: int, message: str) -> Exception:
    """Source: RFC 5321, section 4.2.1: 4yz may succeed later, 5yz will not."""
    text = f"{code} {message}"
    return Undeliverable(text) if code >= _PERMANENT else PutOff(text)


def _trust(settings: MailSettings) -> ssl.SSLContext | None:
    if settings.smtp_security == "none":
        return None
    return ssl.create_default_context(cafile=settings.smtp_ca_file)
