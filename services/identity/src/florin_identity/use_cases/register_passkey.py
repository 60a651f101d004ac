"""A user adds the passkey that its authenticator made."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from webauthn.helpers.structs import AuthenticatorTransport, CredentialDeviceType
from webauthn.registration.verify_registration_response import VerifiedRegistration

from florin_chassis.ids import new_id
from florin_chassis.transaction import Begin
from florin_identity.models.challenge import Purpose, find_challenge
from florin_identity.models.factor_changes import factor_added, own_factors, require_room
from florin_identity.models.passkey import Passkey, PasskeyTaken, find_passkey
from florin_identity.models.relying_party import RelyingParty
from florin_identity.models.second_factors import Assertion, Factor


@dataclass(frozen=True, slots=True)
class NewPasskey:
    """What the user calls it, which challenge it answers, and what the browser brought."""

    name: str
    challenge: str
    credential: Mapping[str, Any]


async def register_passkey(
    new: NewPasskey, party: RelyingParty, recent: timedelta, begin: Begin
) -> Factor:
    """The challenge is used up, whatever comes of it.

    Raises `ChallengeNotValid`, `PasskeyRefused`, `PasskeyTaken`, `RecentProofNeeded`.
    """
    async with begin() as transaction:
        user, proof = await own_factors(transaction, recent)
        session = transaction.session
        session_id = transaction.actor.session_id
        purpose = Purpose.PASSKEY_REGISTRATION
        begun = await find_challenge(session, new.challenge, purpose, session_id)
        await session.delete(begun)
        await require_room(session, user.id)
        made = party.registered(new.challenge, new.credential)
        if await find_passkey(session, made.credential_id) is not None:
            raise PasskeyTaken("this passkey is registered already")
        passkey = _passkey(user.id, new, made)
        session.add(passkey)
        factor_added(transaction, user, Assertion.kind, new.name)
        proof.renew(passkey.proves(verified=made.user_verified))
    return Factor(passkey.id, Assertion.kind, passkey.name, passkey.created_at, None)


def _passkey(user_id: UUID, new: NewPasskey, made: VerifiedRegistration) -> Passkey:
    known = {transport.value for transport in AuthenticatorTransport}
    return Passkey(
        id=new_id(),
        user_id=user_id,
        name=new.name,
        credential_id=made.credential_id,
        public_key=made.credential_public_key,
        sign_count=made.sign_count,
        synced=made.credential_device_type is CredentialDeviceType.MULTI_DEVICE,
        transports=sorted(known & set(new.credential["response"].get("transports") or ())),
        created_at=datetime.now(UTC),
    )
