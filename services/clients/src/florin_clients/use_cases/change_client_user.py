"""A client's user gets another name, role or grants; an invited one another address."""

from dataclasses import dataclass
from uuid import UUID

from florin_chassis.transaction import Begin
from florin_clients.models import ClientUser, get_member, require_for_clients, require_free
from florin_contracts.permissions import ClientRole, Permission


@dataclass(frozen=True, slots=True)
class MemberChanges:
    """What is to be otherwise; `None` leaves it as it is."""

    name: str | None = None
    role: ClientRole | None = None
    permissions: tuple[Permission, ...] | None = None
    email: str | None = None


async def change_client_user(
    client_id: UUID,
    user_id: UUID,
    changes: MemberChanges,
    expected_version: int | None,
    begin: Begin,
) -> ClientUser:
    """Raises `NotFound`, `VersionMismatch`, `Malformed`, and what `ClientUser.change` raises.

    Also `EmailTaken`, and what `ClientUser.readdress` raises.
    """
    require_for_clients(changes.permissions or ())
    async with begin() as transaction:
        user, membership = await get_member(transaction, client_id, user_id, expected_version)
        transaction.emit(*user.change(membership, changes.name, changes.role, changes.permissions))
        if changes.email is not None:
            await require_free(transaction.session, changes.email, user.id)
            transaction.emit(*user.readdress(membership, changes.email))
    return user
