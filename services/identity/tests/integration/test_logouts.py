"""A session ends, and the applications that were entered from it are told over HTTP."""

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from ipaddress import ip_network
from typing import Any

import pytest
from joserfc import jws
from services.identity.tests.programs import maker
from services.identity.tests.receiving import Receiver, notifier, receiving
from services.identity.tests.relying import RelyingParty, Visit, relying_party, visit
from sqlalchemy import select, update
from tests.plugins.servers import SettingsFor

from florin_chassis.runtime import Runtime
from florin_chassis.testing.harness import Harness, harness
from florin_chassis.testing.tokens import ISSUER
from florin_contracts.identity import SessionEndCause
from florin_identity.commands.logouts import logouts
from florin_identity.models.ending import end_sessions
from florin_identity.models.id_tokens import IdTokens
from florin_identity.models.logout_notice import LogoutNotice, NoticeStatus
from florin_identity.models.logout_token import EVENT
from florin_identity.models.refresh_family import RefreshFamily
from florin_identity.models.session_lives import SessionLives
from florin_identity.service import service
from florin_identity.use_cases.end_sessions_run_out import end_sessions_run_out
from florin_identity.use_cases.forget_logout_notices import forget_logout_notices
from florin_identity.use_cases.rotate_signing_keys import open_key_ring

LAPTOP = {
    "logout_http_allowed": True,
    "logout_ports": frozenset(),
    "logout_networks_allowed": (ip_network("127.0.0.0/8"),),
    "logout_poll_ms": 10,
}


@pytest.fixture
async def identity(settings_for: SettingsFor) -> AsyncIterator[Harness]:
    """One whose applications may be on this machine."""
    async with harness(service, settings_for(service).model_copy(update=LAPTOP)) as running:
        yield running


def changed(identity: Harness, **settings: Any) -> Runtime:
    told = identity.runtime.settings.model_copy(update=settings)
    return replace(identity.runtime, settings=told)


async def end(visiting: Visit) -> None:
    async with visiting.party.identity.begin() as transaction:
        await end_sessions(transaction, visiting.employee.id, SessionEndCause.ENDED_BY_OTHER)


async def notices(identity: Harness) -> list[LogoutNotice]:
    async with identity.begin() as transaction:
        wanted = select(LogoutNotice).order_by(LogoutNotice.id)
        return list(await transaction.session.scalars(wanted))


async def ended(identity: Harness, *statuses: NoticeStatus) -> list[LogoutNotice]:
    """The notices, once they have ended so."""
    async with asyncio.timeout(60):
        while [n.status for n in await notices(identity)] != list(statuses):
            pass  # each look takes a while
    return await notices(identity)


async def make_due(identity: Harness) -> None:
    async with identity.runtime.database.engine.begin() as connection:
        await connection.execute(update(LogoutNotice).values(due_at=datetime.now(UTC)))


async def told_of(party: RelyingParty, token: str) -> dict[str, Any]:
    """What the token says, once it is verified as an application is to."""
    assert jws.extract_compact(token.encode()).headers()["typ"] == "logout+jwt"
    claims = await party.claims_of(token)
    assert (claims["iss"], claims["aud"], claims["events"]) == (ISSUER, party.id, {EVENT: {}})
    assert "nonce" not in claims
    assert 0 < claims["exp"] - claims["iat"] <= 120
    return claims


async def at(receiver: Receiver, identity: Harness, **changes: Any) -> Visit:
    return await visit(identity, backchannel_logout_uri=receiver.url, **changes)


async def test_who_was_signed_in_to_is_told_by_a_signed_token_which_session_ended(
    identity: Harness,
) -> None:
    async with receiving() as receiver, notifier(identity.runtime):
        visiting = await at(receiver, identity)
        id_token = await visiting.party.claims_of((await visiting.tokens())["id_token"])
        assert await notices(identity) == []
        await end(visiting)
        (token,) = await receiver.have(1)
        await ended(identity, NoticeStatus.DELIVERED)
    claims = await told_of(visiting.party, token)
    assert (claims["sid"], claims["sub"]) == (id_token["sid"], str(visiting.employee.id))
    assert receiver.heads[0].startswith("post /signed-out ")
    assert "content-type: application/x-www-form-urlencoded" in receiver.heads[0]


async def test_a_logout_token_is_taken_for_no_id_token_of_ours(identity: Harness) -> None:
    async with receiving() as receiver, notifier(identity.runtime):
        visiting = await at(receiver, identity)
        await visiting.tokens()
        await end(visiting)
        (token,) = await receiver.have(1)
    settings: Any = identity.runtime.settings
    ring = await open_key_ring(settings, identity.begin)
    assert IdTokens(ISSUER, ring).read(token) is None
    other = await visit(identity, "another@example.com")
    page = await other.browser.get(f"{ISSUER}/oauth2/logout?id_token_hint={token}")
    assert page.status_code == 200


async def test_each_application_is_told_once_whatever_came_of_it(identity: Harness) -> None:
    async with receiving() as one, receiving() as other:
        visiting = await at(one, identity)
        await visiting.tokens()
        await visiting.tokens()
        second = Visit(
            await relying_party(identity, backchannel_logout_uri=other.url),
            visiting.browser,
            visiting.employee,
        )
        await second.tokens()
        silent = Visit(await relying_party(identity), visiting.browser, visiting.employee)
        await silent.tokens()
        await relying_party(identity, backchannel_logout_uri=one.url)  # entered by nobody
        await end(visiting)
        async with notifier(identity.runtime, replicas=2):
            await ended(identity, NoticeStatus.DELIVERED, NoticeStatus.DELIVERED)
    assert (len(one.tokens), len(other.tokens)) == (1, 1)
    await told_of(visiting.party, one.tokens[0])
    await told_of(second.party, other.tokens[0])


async def test_an_application_that_is_away_is_told_later_and_by_a_fresh_token(
    identity: Harness,
) -> None:
    async with receiving(503) as receiver, notifier(identity.runtime):
        visiting = await at(receiver, identity)
        await visiting.tokens()
        await end(visiting)
        await receiver.have(1)
        async with asyncio.timeout(60):
            while (notice := (await notices(identity))[0]).tries == 0:
                pass
        assert notice.due_at - datetime.now(UTC) > timedelta(seconds=20)
        assert str(notice.error).startswith("503")
        await make_due(identity)
        tokens = await receiver.have(2)
        await ended(identity, NoticeStatus.DELIVERED)
    first, second = [await told_of(visiting.party, token) for token in tokens]
    assert first["jti"] != second["jti"]


async def test_what_waits_for_an_application_that_is_away_holds_up_no_other(
    identity: Harness,
) -> None:
    async with receiving(503) as receiver:
        visiting = await at(receiver, identity)
        for email in ("one@example.com", "two@example.com"):
            other = await visit(identity, email)
            there = Visit(visiting.party, other.browser, other.employee)
            await there.tokens()
            await end(there)
        async with notifier(changed(identity, logout_at_once_max=1)):
            await receiver.have(1)
            async with asyncio.timeout(60):
                while min(n.due_at for n in await notices(identity)) < datetime.now(UTC):
                    pass
    assert len(receiver.tokens) == 1


async def test_an_application_that_refuses_a_token_is_not_asked_again(identity: Harness) -> None:
    async with receiving(400) as receiver, notifier(identity.runtime):
        visiting = await at(receiver, identity)
        await visiting.tokens()
        await end(visiting)
        (notice,) = await ended(identity, NoticeStatus.REFUSED)
    assert str(notice.error).startswith("400")


async def test_whoever_takes_its_consent_back_is_signed_out_there_and_nowhere_else(
    identity: Harness,
) -> None:
    async with receiving() as receiver, receiving() as other:
        visiting = await at(receiver, identity, first_party=False)
        page = await visiting.browser.sign_in(visiting.party.asking(), visiting.employee.email)
        await visiting.browser.follow(await visiting.browser.submit(page, decision="allow"))
        party = await relying_party(identity, backchannel_logout_uri=other.url)
        await Visit(party, visiting.browser, visiting.employee).tokens()
        headers = identity.signed_in(sub=str(visiting.employee.id), amr=["pwd"])
        await identity.http.delete(f"/me/consents/{visiting.party.id}", headers=headers)
        async with notifier(identity.runtime):
            await ended(identity, NoticeStatus.DELIVERED)
    assert (len(receiver.tokens), len(other.tokens)) == (1, 0)


async def test_nothing_is_sent_to_what_is_inside_even_if_it_was_allowed_once(
    identity: Harness,
) -> None:
    async with receiving() as receiver:
        visiting = await at(receiver, identity)
        await visiting.tokens()
        await end(visiting)
        async with notifier(changed(identity, logout_networks_allowed=())):
            (notice,) = await ended(identity, NoticeStatus.REFUSED)
    assert "not reachable from outside" in str(notice.error)
    assert receiver.tokens == []


async def test_a_removed_application_and_one_that_wants_no_more_are_told_nothing(
    identity: Harness,
) -> None:
    async with receiving() as receiver:
        visiting = await at(receiver, identity)
        await visiting.tokens()
        await end(visiting)
        path = f"/applications/{visiting.party.id}"
        headers = await maker(identity)
        nothing = {"backchannel_logout_uri": None}
        answer = await identity.http.patch(path, json=nothing, headers=headers)
        assert answer.json()["backchannel_logout_uri"] is None
        async with notifier(identity.runtime):
            await ended(identity, NoticeStatus.EXPIRED)
    assert receiver.tokens == []


async def test_what_waited_for_too_long_ends_and_what_ended_is_forgotten(
    identity: Harness,
) -> None:
    async with receiving() as receiver:
        visiting = await at(receiver, identity)
        await visiting.tokens()
        await end(visiting)
        await forget_logout_notices(identity.runtime)
        assert [n.status for n in await notices(identity)] == [NoticeStatus.WAITING]
        for days, left in ((2, [NoticeStatus.EXPIRED]), (30, [])):
            back = datetime.now(UTC) - timedelta(days=days)
            values = {"written_at": back, "due_at": back, "ended_at": LogoutNotice.ended_at}
            if not left:
                values["ended_at"] = back
            async with identity.runtime.database.engine.begin() as connection:
                await connection.execute(update(LogoutNotice).values(values))
            await forget_logout_notices(identity.runtime)
            assert [n.status for n in await notices(identity)] == left


async def test_an_application_is_told_of_a_session_that_ran_out_by_itself(
    identity: Harness,
) -> None:
    settings: Any = identity.runtime.settings
    async with receiving() as receiver, notifier(identity.runtime):
        visiting = await at(receiver, identity)
        await visiting.tokens()
        async with identity.runtime.database.engine.begin() as connection:
            unused = RefreshFamily.used_at - timedelta(days=1)
            await connection.execute(update(RefreshFamily).values(used_at=unused))
        assert await end_sessions_run_out(SessionLives.of(settings), identity.begin)
        (token,) = await receiver.have(1)
        await ended(identity, NoticeStatus.DELIVERED)
    assert (await told_of(visiting.party, token))["sub"] == str(visiting.employee.id)


async def test_an_operator_sees_who_refused_to_be_told_and_has_it_told_once_more(
    identity: Harness, capsys: pytest.CaptureFixture[str]
) -> None:
    async def said(*arguments: str) -> list[dict[str, Any]]:
        capsys.readouterr()
        await logouts(identity.runtime, arguments)
        return [json.loads(line) for line in capsys.readouterr().out.splitlines()]

    async with receiving(400) as receiver:
        visiting = await at(receiver, identity)
        await visiting.tokens()
        await end(visiting)
        assert [one["status"] for one in await said("list", "--status", "waiting")] == ["waiting"]
        async with notifier(identity.runtime):
            await ended(identity, NoticeStatus.REFUSED)
        (refused,) = await said("list")
        assert (refused["application_id"], refused["error"][:3]) == (str(visiting.party.id), "400")
        (again,) = await said("retry", refused["id"])
        assert (again["status"], again["ended_at"]) == ("waiting", None)
        async with notifier(identity.runtime):
            await ended(identity, NoticeStatus.DELIVERED)
        assert await said("retry", refused["id"]) == []
    assert len(receiver.tokens) == 2
