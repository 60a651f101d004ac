"""What a letter looks like, whatever names and addresses are in it."""

import email
from email.message import EmailMessage
from email.policy import default

import pytest
from pydantic import SecretStr, ValidationError
from services.identity.tests.mailbox import FRONTEND, SENDER, html_of, text_of

from florin_chassis.ids import new_id
from florin_identity.delivery.claims import Claimed
from florin_identity.delivery.links import LINKS
from florin_identity.delivery.preparing import Prepared
from florin_identity.delivery.rendering import greeted, message_of
from florin_identity.models import LetterKind
from florin_identity.settings import MailSettings

KEY = "MzIgYnl0ZXMgb2YgYSBzZWNyZXQgZm9yIHRlc3Rpbmc="


def settings(**changes: object) -> MailSettings:
    given = {
        "database_url": SecretStr("postgresql+asyncpg://x"),
        "kafka_bootstrap": "127.0.0.1:1",
        "jwks_url": "http://127.0.0.1:1",
        "token_issuer": "x",
        "key_encryption_secret": SecretStr(KEY),
        "smtp_host": "mail.example.com",
        "letters_from": SENDER,
        "frontend_url": FRONTEND,
    }
    return MailSettings.model_validate(given | changes)


def letter(
    kind: LetterKind, recipient: str = "vega@example.com", **details: object
) -> EmailMessage:
    """As a mail program reads it."""
    token = "T0ken" if kind in LINKS else None
    asked: dict[str, object] = {"name": None, "asked_from": None, "changed_from": None}
    asked |= {"change": "added", "factor": "A telephone"}
    claimed = Claimed(new_id(), new_id(), kind, recipient, asked | details, 0)
    sent = message_of(Prepared(claimed, token), settings()).as_bytes()
    return email.message_from_bytes(sent, policy=default)


@pytest.mark.parametrize("kind", LetterKind)
def test_every_kind_has_a_subject_both_forms_and_its_link_in_them(kind: LetterKind) -> None:
    message = letter(kind)
    link = f"{FRONTEND}/{LINKS[kind].page}#token=T0ken" if kind in LINKS else FRONTEND
    assert len(str(message["Subject"])) > 10
    assert link in text_of(message)
    assert f'href="{link}"' in html_of(message)
    assert "{" not in text_of(message)


@pytest.mark.parametrize(
    "name", ["Vega\r\nBcc: all@example.com", "Vega\nSubject: hello", "Vega\x00\x1b[31m", "V\u2028X"]
)
def test_a_name_adds_no_header_and_no_line(name: str) -> None:
    message = letter(LetterKind.INVITATION, name=name)
    assert set(message.keys()) == set(letter(LetterKind.INVITATION).keys())
    assert message["Bcc"] is None
    assert len(text_of(message).splitlines()) == len(
        text_of(letter(LetterKind.INVITATION)).splitlines()
    )


@pytest.mark.parametrize("name", ["<script>alert(1)</script>", '"><img src=x>', "A & B"])
def test_a_name_adds_no_markup(name: str) -> None:
    html = html_of(letter(LetterKind.INVITATION, name=name))
    assert "<script" not in html
    assert "<img" not in html
    assert "A & B" not in html


@pytest.mark.parametrize("name", ["Win at evil.example", "http://evil", "a@b", "x" * 61, None])
def test_a_name_that_a_mail_program_would_make_a_link_of_is_left_out(name: str | None) -> None:
    assert greeted(name) is None


def test_other_names_are_greeted() -> None:
    assert [greeted(name) for name in ("Olga", "Dr. Ян Ли", "山田 太郎")] == [
        "Olga",
        "Dr. Ян Ли",
        "山田 太郎",
    ]
    assert "Hello Olga," in text_of(letter(LetterKind.INVITATION, name="Olga"))


@pytest.mark.parametrize("recipient", ["a,b@example.com", "x<y@example.com", "a;b@example.com"])
def test_an_address_stays_one_address(recipient: str) -> None:
    message = letter(LetterKind.INVITATION, recipient)
    (address,) = message["To"].addresses
    assert (address.username, address.domain) == tuple(recipient.split("@"))


def test_a_domain_of_another_script_is_written_in_ascii() -> None:
    (address,) = letter(LetterKind.INVITATION, "info@пример.рф")["To"].addresses
    assert address.domain == "xn--e1afmkfd.xn--p1ai"


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"letters_from": None}, "FLORIN_LETTERS_FROM"),
        ({"frontend_url": None}, "FLORIN_FRONTEND_URL"),
        ({"smtp_username": "x"}, "go together"),
        (
            {"smtp_username": "x", "smtp_password": SecretStr("y"), "smtp_security": "none"},
            "without TLS",
        ),
        ({"frontend_url": "ftp://x"}, "pattern"),
        ({"letters_from": "x@y\r\nBcc: z@y"}, "pattern"),
    ],
)
def test_settings_that_do_not_do_are_refused(changes: dict[str, object], said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        settings(**changes)
