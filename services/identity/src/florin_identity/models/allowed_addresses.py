"""From where a user may sign in: networks of IPv4 and IPv6; without any, from anywhere."""

import ipaddress
from collections.abc import Sequence
from typing import ClassVar, Final
from uuid import UUID

from sqlalchemy import ForeignKey, delete
from sqlalchemy.dialects.postgresql import JSONB, insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from florin_chassis.errors import Forbidden, Refusal
from florin_chassis.transaction import Transaction
from florin_identity.models.base import Base
from florin_identity.models.security_log import SecurityAct, note

COUNT_MAX: Final = 50
_MAPPED: Final = ipaddress.IPv6Network("::ffff:0:0/96")
_MAPPED_BITS: Final = 96

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


class PresentAddressMissing(Refusal):
    """The list would lock out whoever writes it."""

    code = "present_address_missing"


class AdministratorShutOut(Refusal):
    """An administrator can sign in from where it is, whatever else its list names.

    Whether another is left that could let it in, no service can say alone: providers may be
    suspending that one at this very moment.
    """

    code = "administrator_shut_out"


class AddressRefused(Forbidden):
    """The user's session may not go on from this address."""

    code = "address_refused"
    keeps: ClassVar = True


class AllowedAddresses(Base):
    """The networks in their canonical form. No row, like no network, allows every address."""

    __tablename__ = "allowed_addresses"

    user_id: Mapped[UUID] = mapped_column(
        ForeignKey("users.id", ondelete="CASCADE"), primary_key=True
    )
    networks: Mapped[list[str]] = mapped_column(JSONB)


def network_of(text: str) -> str:
    """The canonical form of an address or network; raises `ValueError`.

    One of IPv4 mapped into IPv6 (`::ffff:192.0.2.0/120`) is the one of IPv4.
    """
    network: Network = ipaddress.ip_network(text)
    if isinstance(network, ipaddress.IPv6Network) and network.subnet_of(_MAPPED):
        address = int(network.network_address) & 0xFFFF_FFFF
        network = ipaddress.IPv4Network((address, network.prefixlen - _MAPPED_BITS))
    return str(network)


def is_allowed(address: str | None, networks: Sequence[str]) -> bool:
    """Whether an address, as `Origin` has it, is in one of the networks, or there are none."""
    if not networks:
        return True
    if address is None:
        return False
    asking = ipaddress.ip_address(address)
    return any(asking in ipaddress.ip_network(network) for network in networks)


async def allowed_networks(session: AsyncSession, user_id: UUID) -> list[str]:
    """The user's list."""
    kept = await session.get(AllowedAddresses, user_id)
    return [] if kept is None else kept.networks


async def keep_allowed_networks(
    session: AsyncSession, user_id: UUID, networks: Sequence[str]
) -> None:
    """Replace the user's list."""
    if not networks:
        await session.execute(delete(AllowedAddresses).where(AllowedAddresses.user_id == user_id))
        return
    row = insert(AllowedAddresses).values(user_id=user_id, networks=list(networks))
    changed = {"networks": list(networks)}
    await session.execute(row.on_conflict_do_update(index_elements=["user_id"], set_=changed))


async def may_come_from_here(transaction: Transaction, user_id: UUID) -> bool:
    """Whether the request comes from where the user may sign in from; noted if it does not."""
    networks = await allowed_networks(transaction.session, user_id)
    return comes_from_one_of(networks, transaction, user_id)


def comes_from_one_of(networks: Sequence[str], transaction: Transaction, user_id: UUID) -> bool:
    """As `may_come_from_here`, where the user's list has been read already."""
    if is_allowed(transaction.origin.address, networks):
        return True
    note(transaction, SecurityAct.ADDRESS_REFUSED, user_id)
    return False


async def require_allowed_address(transaction: Transaction, user_id: UUID) -> None:
    """For whoever has proved itself before: raise `AddressRefused` unless it may come from here."""
    if not await may_come_from_here(transaction, user_id):
        raise AddressRefused("this is not where the user signs in from")
