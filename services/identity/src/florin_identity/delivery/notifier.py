"""Tells applications that a session has ended, each at least once, beside each other.

Source: OpenID Connect Back-Channel Logout 1.0, sections 2.5 to 2.8.
"""

import asyncio
import ssl
from datetime import UTC, datetime, timedelta
from typing import Any, Final, NamedTuple, cast
from urllib.parse import urlencode

import structlog
from prometheus_client import Counter
from sqlalchemy import Row, select, update

from florin_chassis.actor import process_actor
from florin_chassis.errors import Malformed
from florin_chassis.outside.client import Headers, OutsideClient, Patience
from florin_chassis.outside.network import ForbiddenAddress
from florin_chassis.runtime import Runtime
from florin_chassis.waiting import happened
from florin_identity.delivery.backoff import delay_s
from florin_identity.delivery.claims import claim_due
from florin_identity.models.application import Application
from florin_identity.models.key_ring import KeyRing
from florin_identity.models.logout_notice import LogoutNotice, NoticeStatus
from florin_identity.models.logout_token import sign_logout_token
from florin_identity.settings import Settings
from florin_identity.use_cases.rotate_signing_keys import open_key_ring

_CONNECT_S: Final = 5.0
_RECORDING_S: Final = 15.0
_ERROR_LENGTH_MAX: Final = 500
_REFUSED: Final = 400
_HEADERS: Final[Headers] = {
    "content-type": "application/x-www-form-urlencoded",
    "user-agent": "Florin-Logout/1.0",
}

NOTICES: Final = Counter(
    "florin_logout_notices_total",
    "Tries to tell an application of a logout: delivered, put_off, refused, expired",
    ["outcome"],
)
_log = structlog.get_logger(__name__)


class _Outcome(NamedTuple):
    name: str
    status: NoticeStatus
    error: str | None = None


class Notifier:
    """One process. A crash between the answer and our record tells the application once more."""

    def __init__(self, runtime: Runtime, tls: ssl.SSLContext | None = None) -> None:
        self._database = runtime.database
        self._settings = cast(Settings, runtime.settings)
        self._begin = runtime.begin_as(process_actor(runtime.service))
        self._tls = tls
        self._patience = Patience(_CONNECT_S, self._settings.logout_answer_ms_max / 1000)
        self._under_way = 0

    async def run(self, stopping: asyncio.Event) -> None:
        """Tell until `stopping`; what is under way then is finished."""
        ring = await open_key_ring(self._settings, self._begin)
        most = self._settings.logout_at_once_max
        client = OutsideClient(self._settings.logout_addresses, most, self._tls)
        async with client, asyncio.TaskGroup() as telling:
            while not stopping.is_set():
                due = await self._claim(ring, most - self._under_way)
                for notice in due:
                    self._under_way += 1
                    telling.create_task(self._deliver(client, ring, notice))
                if not due:
                    await happened(stopping, self._settings.logout_poll_ms / 1000)

    async def _claim(self, ring: KeyRing, room: int) -> list[Row[Any]]:
        if room <= 0:
            return []
        async with self._begin() as transaction:
            await ring.renew(transaction.session)
        lease_s = self._patience.whole_s + _RECORDING_S
        return list(await claim_due(self._database, LogoutNotice, room, lease_s))

    async def _deliver(self, client: OutsideClient, ring: KeyRing, notice: Row[Any]) -> None:
        try:
            outcome = await self._told(client, ring, notice)
            NOTICES.labels(outcome.name).inc()
            await self._record(notice, outcome)
        except Exception:  # noqa: BLE001 - the lease ends, and it is told again
            _log.exception("logout not told", notice=str(notice.id))
        finally:
            self._under_way -= 1

    async def _told(self, client: OutsideClient, ring: KeyRing, notice: Row[Any]) -> _Outcome:
        age = datetime.now(UTC) - notice.written_at
        url = await self._address(notice)
        if url is None or age > timedelta(hours=self._settings.logout_waiting_hours_max):
            return _Outcome("expired", NoticeStatus.EXPIRED, notice.error)
        issuer = self._settings.token_issuer
        about = (notice.application_id, notice.user_id, notice.session_id)
        body = urlencode({"logout_token": sign_logout_token(ring, issuer, *about)}).encode()
        try:
            answer = await client.post(url, _HEADERS, body, self._patience)
        except (Malformed, ForbiddenAddress) as error:
            return _Outcome("refused", NoticeStatus.REFUSED, str(error))
        except Exception as error:  # noqa: BLE001 - whatever it was, this try failed
            return _Outcome("put_off", NoticeStatus.WAITING, str(error) or type(error).__name__)
        if answer.status // 100 == 2:  # noqa: PLR2004 - the class of a status
            return _Outcome("delivered", NoticeStatus.DELIVERED)
        said = f"{answer.status} {answer.beginning.decode(errors='replace')}".replace("\x00", " ")
        if answer.status == _REFUSED:
            return _Outcome("refused", NoticeStatus.REFUSED, said)
        return _Outcome("put_off", NoticeStatus.WAITING, said)

    async def _address(self, notice: Row[Any]) -> str | None:
        """Where the application wants to be told by now; none if it does not any more."""
        columns = Application.__table__.c
        wanted = select(columns.backchannel_logout_uri).where(
            columns.id == notice.application_id, columns.removed.is_(False)
        )
        async with self._begin() as transaction:
            return cast(str | None, await transaction.session.scalar(wanted))

    async def _record(self, notice: Row[Any], outcome: _Outcome) -> None:
        """Write down how it went, unless the lease ran out and another has the notice.

        Whatever waits for an application that does not answer waits with it: it holds up no other.
        """
        error = outcome.error and outcome.error[:_ERROR_LENGTH_MAX]
        mine = select(LogoutNotice).where(
            LogoutNotice.id == notice.id, LogoutNotice.claim == notice.claim
        )
        async with self._begin() as transaction:
            row = (await transaction.session.scalars(mine.with_for_update())).one_or_none()
            if row is None:
                return
            row.tries += 1
            if outcome.status is not NoticeStatus.WAITING:
                row.end(outcome.status, error)
                return
            row.claim, row.error = None, error
            row.due_at = datetime.now(UTC) + timedelta(seconds=delay_s(row.tries))
            untried = update(LogoutNotice).where(
                LogoutNotice.application_id == row.application_id,
                LogoutNotice.status == NoticeStatus.WAITING,
                LogoutNotice.claim.is_(None),
                LogoutNotice.id != row.id,
                LogoutNotice.due_at < row.due_at,
            )
            await transaction.session.execute(untried.values(due_at=row.due_at))
