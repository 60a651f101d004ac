"""An employee enters the control panel with the rights of a client, for a reason."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import NoReturn
from uuid import UUID

from florin_chassis.actor import Actor
from florin_chassis.errors import Refusal
from florin_chassis.road.projections import find_projected
from florin_chassis.transaction import Begin, Transaction
from florin_contracts.clients import ClientState
from florin_contracts.identity import UserStatus
from florin_contracts.permissions import Permission
from florin_identity.models.impersonation import (
    ClientOutOfReach,
    ImpersonatingAlready,
    Impersonation,
    MayNotImpersonate,
)
from florin_identity.models.proven import become
from florin_identity.models.reckoning import current_access
from florin_identity.models.rights import Rights, acting_as
from florin_identity.models.security_log import SecurityAct, note
from florin_identity.models.session import Session
from florin_identity.models.user import User


@dataclass(frozen=True, slots=True)
class Wish:
    """As which client, why, and for how long."""

    client_id: UUID
    reason: str
    life: timedelta


async def impersonate_client(
    wish: Wish, employee: Actor, begin: Begin
) -> tuple[Impersonation, Rights]:
    """The stay, and the rights in it: the client's, as far as the employee's own providers go.

    Every refusal is noted: `ImpersonatingAlready`, `MayNotImpersonate`, `ClientOutOfReach`.
    What the employee may do is looked up, and not taken from its token.
    """
    async with begin() as transaction:
        become(transaction, employee)
        try:
            rights = await _allowed(transaction, wish.client_id, employee)
        except Refusal as refusal:
            _note_refusal(transaction, wish, refusal)
        stay = Impersonation(
            employee_user_id=employee.user_id,
            session_id=employee.session_id,
            client_id=wish.client_id,
            reason=wish.reason,
            started_at=(now := datetime.now(UTC)),
            expires_at=now + wish.life,
        )
        transaction.add(stay)
        transaction.emit(stay.start())
        details = {"client_id": str(stay.client_id), "reason": stay.reason}
        _note(
            transaction, SecurityAct.IMPERSONATION_STARTED, impersonation_id=str(stay.id), **details
        )
    return stay, rights


async def _allowed(transaction: Transaction, client_id: UUID, employee: Actor) -> Rights:
    access = await _access(transaction, employee)
    if Permission.CLIENTS_IMPERSONATE not in access.permissions:
        raise MayNotImpersonate("this needs the permission clients:impersonate")
    client = await find_projected(transaction.session, ClientState, client_id)
    providers = frozenset(() if client is None else client.provider_ids)
    within = providers if access.everywhere else providers & access.reach.get("provider", set())
    if not within:
        raise ClientOutOfReach(f"there is no client {client_id}")
    return acting_as(client_id, None if access.everywhere else within, access.version)


async def _access(transaction: Transaction, employee: Actor) -> Rights:
    """The employee's own, in a session that goes on."""
    session = transaction.session
    if employee.on_behalf_of is not None:
        raise ImpersonatingAlready(f"you act as {employee.on_behalf_of}")
    if not employee.in_person or employee.user_id is None or employee.session_id is None:
        raise MayNotImpersonate("only who signed in itself can act as a client")
    user = await session.get(User, employee.user_id)
    if user is None or user.status is not UserStatus.ACTIVE:
        raise MayNotImpersonate("only a user that may sign in can act as a client")
    access = await current_access(transaction, user)
    entered_from = await session.get(Session, employee.session_id, with_for_update={"read": True})
    if entered_from is None or entered_from.ended_at is not None:
        raise MayNotImpersonate("your session has ended")
    return access


def _note_refusal(transaction: Transaction, wish: Wish, refusal: Refusal) -> NoReturn:
    details = {"client_id": str(wish.client_id), "cause": refusal.code}
    _note(transaction, SecurityAct.IMPERSONATION_REFUSED, **details)
    raise refusal


def _note(transaction: Transaction, act: SecurityAct, **details: str) -> None:
    note(transaction, act, transaction.actor.user_id, **details)
