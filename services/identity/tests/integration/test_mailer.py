"""The mailer, a real mail server, and the database between them."""

import asyncio
import json
import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import trustme
from services.identity.tests.mailbox import (
    FRONTEND,
    SENDER,
    Mailbox,
    html_of,
    mailbox,
    mailer,
    mailing,
    text_of,
    with_password,
)
from services.identity.tests.making import accept, employee
from sqlalchemy import delete, select, update

from florin_chassis.testing.harness import Harness
from florin_contracts.identity import UserActivated, UserEmailVerified
from florin_identity.commands.letters import letters as letters_command
from florin_identity.delivery.backoff import delay_s
from florin_identity.delivery.mailer import UNREACHABLE
from florin_identity.models import Letter, LetterStatus, OneTimeLink
from florin_identity.use_cases.forget_letters import forget_letters

BUSY = "451 4.3.2 come back later"
UNKNOWN = "550 5.1.1 nobody of that name"


async def letters(identity: Harness) -> list[Letter]:
    async with identity.begin() as transaction:
        return list(await transaction.session.scalars(select(Letter).order_by(Letter.id)))


async def ended(identity: Harness, status: LetterStatus) -> Letter:
    """The one letter, once it has ended so."""
    async with asyncio.timeout(20):
        while (await letters(identity))[0].status is not status:  # each look takes a while
            pass
    (letter,) = await letters(identity)
    return letter


async def make_due(identity: Harness) -> None:
    async with identity.runtime.database.engine.begin() as connection:
        await connection.execute(update(Letter).values(due_at=datetime.now(UTC)))


async def test_an_invited_employee_gets_a_letter_whose_link_sets_the_password(
    identity: Harness,
) -> None:
    await identity.deliver(event := employee())
    async with mailbox() as box, mailer(mailing(identity, box)):
        await box.until(lambda box: bool(box.received))
        await ended(identity, LetterStatus.SENT)
    (message,) = box.received
    assert (message["To"], message["From"]) == (event.email, f"Florin <{SENDER}>")
    assert message["Auto-Submitted"] == "auto-generated"
    link = f"{FRONTEND}/invitation#token={box.token()}"
    assert link in text_of(message)
    assert f'href="{link}"' in html_of(message)
    assert (await accept(identity, box.token())).status_code == 200
    (verified,) = await identity.stated(UserEmailVerified)
    assert verified["data"]["email_verified"] is True
    assert len(await identity.stated(UserActivated)) == 1


async def test_the_token_is_sealed_while_it_waits_and_gone_once_it_is_sent(
    identity: Harness,
) -> None:
    await identity.deliver(employee())
    assert [letter.sealed_token for letter in await letters(identity)] == [None]
    async with mailbox() as box, mailer(mailing(identity, box)):
        box.held = asyncio.Event()
        await box.until_tried(1)
        async with asyncio.timeout(20):
            while (sealed := (await letters(identity))[0].sealed_token) is None:
                pass
        box.held.set()
        letter = await ended(identity, LetterStatus.SENT)
    assert box.token() not in sealed
    assert (letter.sealed_token, letter.claim) == (None, None)


async def test_a_server_that_is_busy_is_asked_again_with_the_same_letter(
    identity: Harness,
) -> None:
    await identity.deliver(employee())
    async with mailbox() as box, mailer(mailing(identity, box)):
        box.data_answers = [BUSY, BUSY]
        for tried in (2, 4):
            await box.until_tried(tried)
            async with asyncio.timeout(20):
                while (letter := (await letters(identity))[0]).claim is not None:
                    pass
            assert letter.error == BUSY
            assert letter.due_at > datetime.now(UTC) + timedelta(seconds=20)
            await make_due(identity)
        letter = await ended(identity, LetterStatus.SENT)
    assert (letter.tries, len(box.received)) == (3, 1)
    assert (await accept(identity, box.token())).status_code == 200


async def test_a_refusal_for_good_is_kept_with_the_servers_words(identity: Harness) -> None:
    await identity.deliver(employee())
    async with mailbox() as box, mailer(mailing(identity, box)):
        box.rcpt_answers = [UNKNOWN]
        letter = await ended(identity, LetterStatus.REFUSED)
    assert letter.error == UNKNOWN
    assert (letter.tries, letter.sealed_token, box.received) == (1, None, [])


async def test_a_letter_that_was_sent_but_not_recorded_comes_again_as_the_same(
    identity: Harness,
) -> None:
    await identity.deliver(employee())
    async with mailbox() as box:
        box.held = asyncio.Event()
        async with mailer(mailing(identity, box)):
            await box.until_tried(1)
            # As if this process' lease had run out while the server was slow.
            async with identity.runtime.database.engine.begin() as connection:
                past = datetime.now(UTC) - timedelta(seconds=1)
                await connection.execute(update(Letter).values(due_at=past))
            async with mailer(mailing(identity, box)):
                await box.until_tried(2)
                box.held.set()
                await box.until(lambda box: len(box.received) == 2)
                await ended(identity, LetterStatus.SENT)
    first, second = box.received
    assert first["Message-ID"] == second["Message-ID"]
    assert text_of(first) == text_of(second)


async def test_two_mailers_send_no_letter_twice(identity: Harness) -> None:
    emails = {f"sam{number}@example.com" for number in range(60)}
    await identity.deliver(*(employee(email=email) for email in emails))
    async with mailbox() as box, mailer(mailing(identity, box), replicas=3):
        await box.until(lambda box: len(box.received) == len(emails))
    assert sorted(box.recipients) == sorted(emails)
    assert {letter.status for letter in await letters(identity)} == {LetterStatus.SENT}


async def test_letters_with_a_link_for_the_same_are_sent_once_a_minute(identity: Harness) -> None:
    await identity.deliver(event := employee())
    path = f"/users/{event.id}/invitation"
    headers = identity.signed_in("users:invite", everywhere=True, amr=["pwd"], sub=str(event.id))
    answer = await identity.http.post(path, headers=headers)
    assert answer.status_code == 201
    async with mailbox() as box, mailer(mailing(identity, box)):
        async with asyncio.timeout(20):
            while LetterStatus.WAITING in (found := [x.status for x in await letters(identity)]):
                pass
    assert found == [LetterStatus.SENT, LetterStatus.DROPPED]
    assert len(box.received) == 1


async def test_who_has_set_a_password_by_the_token_is_sent_no_letter(identity: Harness) -> None:
    await identity.deliver(event := employee())
    path = f"/users/{event.id}/invitation"
    headers = identity.signed_in("users:invite", everywhere=True, amr=["pwd"])
    token = (await identity.http.post(path, headers=headers)).json()["invitation_token"]
    assert (await accept(identity, token)).status_code == 200
    assert await identity.stated(UserEmailVerified) == []
    async with mailbox() as box, mailer(mailing(identity, box)):
        async with asyncio.timeout(20):
            while LetterStatus.WAITING in {letter.status for letter in await letters(identity)}:
                pass
    assert box.received == []


async def test_without_a_mail_server_letters_wait(identity: Harness) -> None:
    await identity.deliver(employee())
    stopped = mailing(identity, Mailbox(), smtp_host=None)
    async with mailer(stopped):
        await asyncio.sleep(0)
    assert [letter.status for letter in await letters(identity)] == [LetterStatus.WAITING]


async def test_a_server_that_is_away_costs_no_letter_a_try(identity: Harness) -> None:
    await identity.deliver(employee())
    async with mailbox() as box:
        pass  # its port is closed again
    async with mailer(mailing(identity, box)):
        async with asyncio.timeout(20):
            while not [x for x in await letters(identity) if x.claim is None]:
                pass
    (letter,) = await letters(identity)
    assert (letter.status, letter.tries) == (LetterStatus.WAITING, 0)
    async with mailbox() as box, mailer(mailing(identity, box)):
        await ended(identity, LetterStatus.SENT)


async def test_what_has_waited_for_too_long_is_not_sent_any_more(identity: Harness) -> None:
    await identity.deliver(employee())
    past = datetime.now(UTC) - timedelta(hours=73)
    async with identity.runtime.database.engine.begin() as connection:
        await connection.execute(update(Letter).values(written_at=past))
    async with mailbox() as box, mailer(mailing(identity, box)):
        await ended(identity, LetterStatus.EXPIRED)
    assert box.received == []


async def test_only_the_hash_of_a_token_is_kept(identity: Harness) -> None:
    await identity.deliver(employee())
    async with mailbox() as box, mailer(mailing(identity, box)):
        await ended(identity, LetterStatus.SENT)
    async with identity.runtime.database.engine.connect() as connection:
        (kept,) = (await connection.scalars(select(OneTimeLink.token_hash))).all()
    assert len(kept) == 32
    assert box.token().encode() not in kept


@pytest.mark.parametrize("recipient", ["a,b@example.com", "x<y@example.com", 'q"x@example.com'])
async def test_a_hostile_address_reaches_nobody_else(identity: Harness, recipient: str) -> None:
    await identity.deliver(employee(email=recipient))
    async with mailbox() as box, mailer(mailing(identity, box)):
        async with asyncio.timeout(20):
            while (await letters(identity))[0].status is LetterStatus.WAITING:
                pass
    assert len(box.recipients) <= 1
    assert all(address.endswith("@example.com") for address in box.recipients)


def test_delays_double_up_to_an_hour() -> None:
    assert 30 <= delay_s(1) <= 36
    assert 240 <= delay_s(4) <= 288
    assert 3_600 <= delay_s(9) <= 4_320
    assert delay_s(10_000) <= 4_320


async def test_what_has_served_is_forgotten_and_what_never_could_be_sent_ends(
    identity: Harness,
) -> None:
    emails = [f"sam{number}@example.com" for number in range(3)]
    await identity.deliver(*(employee(email=email) for email in emails))
    past = datetime.now(UTC) - timedelta(days=31)
    async with identity.runtime.database.engine.begin() as connection:
        for recipient, values in zip(
            emails, ({"written_at": past}, {"ended_at": past}), strict=False
        ):
            mine = update(Letter).where(Letter.recipient == recipient)
            await connection.execute(mine.values(values))
    await forget_letters(identity.runtime)
    kept = {letter.recipient: letter.status for letter in await letters(identity)}
    assert kept == {emails[0]: LetterStatus.EXPIRED, emails[2]: LetterStatus.WAITING}


@pytest.mark.parametrize("trusted", [True, False])
async def test_the_password_is_told_only_to_a_mail_server_that_is_trusted(
    identity: Harness, tmp_path: Path, trusted: bool
) -> None:
    authority, stranger = trustme.CA(), trustme.CA()
    tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert("127.0.0.1").configure_cert(tls)
    (authority if trusted else stranger).cert_pem.write_to_path(tmp_path / "ca.pem")
    await identity.deliver(employee())
    async with mailbox(tls) as box:
        told = with_password(smtp_ca_file=tmp_path / "ca.pem")
        async with mailer(mailing(identity, box, **told)):
            if trusted:
                await ended(identity, LetterStatus.SENT)
            else:
                await unreachable(identity)
    assert len(box.received) == trusted
    assert (box.passwords == []) is not trusted


async def test_a_server_without_tls_gets_no_letter(identity: Harness) -> None:
    await identity.deliver(employee())
    async with mailbox() as box, mailer(mailing(identity, box, **with_password())):
        await unreachable(identity)
    assert (box.received, box.tried) == ([], 0)


async def unreachable(identity: Harness) -> None:
    """Wait until a mailer has given up on its server once more."""
    counter = UNREACHABLE._value
    before = counter.get()
    async with asyncio.timeout(20):
        while counter.get() == before:
            await letters(identity)  # each look takes a while


async def test_an_operator_sees_what_was_refused_and_has_it_sent_once_more(
    identity: Harness, capsys: pytest.CaptureFixture[str]
) -> None:
    await identity.deliver(employee())
    async with mailbox() as box, mailer(mailing(identity, box)):
        box.rcpt_answers = [UNKNOWN]
        letter = await ended(identity, LetterStatus.REFUSED)
        capsys.readouterr()
        await letters_command(identity.runtime, ["list"])
        (line,) = capsys.readouterr().out.splitlines()
        assert json.loads(line).items() >= {"id": str(letter.id), "error": UNKNOWN}.items()
        async with identity.begin() as transaction:  # as after a minute
            await transaction.session.execute(delete(OneTimeLink))
        await letters_command(identity.runtime, ["retry", str(letter.id)])
        await ended(identity, LetterStatus.SENT)
    assert (await accept(identity, box.token())).status_code == 200
