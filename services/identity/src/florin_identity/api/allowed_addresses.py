"""`/me/allowed-addresses` and `/users/{user_id}/allowed-addresses`: from where one may sign in."""

from typing import Any
from uuid import UUID

from florin_chassis.http.endpoint import (
    SIGNED_IN,
    BeginTransaction,
    CurrentActor,
    Reading,
    Router,
)
from florin_contracts.permissions import Permission
from florin_identity.api.proving import (
    AllowedAddressesAnswer,
    NewAllowedAddresses,
    OwnAllowedAddresses,
)
from florin_identity.api.tools import RecentProof
from florin_identity.queries.find_second_factors import find_addresses_of, find_own_addresses
from florin_identity.use_cases.change_allowed_addresses import (
    change_addresses_of,
    change_own_addresses,
)

router = Router(tags=["allowed addresses"])


@router.get("/me/allowed-addresses", permission=SIGNED_IN, response_model=AllowedAddressesAnswer)
async def get_own_addresses(session: Reading, actor: CurrentActor) -> dict[str, Any]:
    return await find_own_addresses(session, actor)


@router.put(
    "/me/allowed-addresses",
    permission=SIGNED_IN,
    in_person=True,
    response_model=AllowedAddressesAnswer,
)
async def put_own_addresses(
    body: OwnAllowedAddresses, recent: RecentProof, begin: BeginTransaction
) -> OwnAllowedAddresses:
    without_present = body.without_present_address
    await change_own_addresses(body.networks, recent, begin, without_present=without_present)
    return body


@router.get(
    "/users/{user_id}/allowed-addresses",
    permission=Permission.USERS_READ,
    response_model=AllowedAddressesAnswer,
)
async def get_addresses(user_id: UUID, session: Reading) -> dict[str, Any]:
    return await find_addresses_of(session, user_id)


@router.put(
    "/users/{user_id}/allowed-addresses",
    permission=Permission.USERS_WRITE,
    in_person=True,
    response_model=AllowedAddressesAnswer,
)
async def put_addresses(
    user_id: UUID, body: NewAllowedAddresses, recent: RecentProof, begin: BeginTransaction
) -> NewAllowedAddresses:
    await change_addresses_of(user_id, body.networks, recent, begin)
    return body
