"""Passkeys as the relying party of WebAuthn sees them: what to ask a browser, what to believe."""

import json
from collections.abc import Iterable, Mapping
from typing import Any, ClassVar
from uuid import UUID

import webauthn
from webauthn.authentication.verify_authentication_response import VerifiedAuthentication
from webauthn.helpers import parse_attestation_object
from webauthn.helpers.structs import (
    AttestationFormat,
    AuthenticatorSelectionCriteria,
    AuthenticatorTransport,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)
from webauthn.registration.verify_registration_response import VerifiedRegistration

from florin_chassis.errors import Refusal
from florin_identity.models.passkey import Passkey

TIMEOUT_MS = 300_000


class PasskeyRefused(Refusal):
    """What the browser brought does not answer the challenge: ask it again."""

    code = "passkey_refused"
    keeps: ClassVar = True


class RelyingParty:
    """`id` is the domain that passkeys are bound to, `origins` are where its pages may stand.

    A challenge's token is the nonce that is signed. No attestation is asked for: what made a key
    is not told, and need not be.
    """

    def __init__(self, id: str, name: str, origins: Iterable[str]) -> None:
        self.id, self.name, self.origins = id, name, list(origins)

    def creation_options(
        self, challenge: str, user_id: UUID, login: str, present: Iterable[Passkey]
    ) -> dict[str, Any]:
        """For `navigator.credentials.create()`; an authenticator that is there refuses itself."""
        options = webauthn.generate_registration_options(
            rp_id=self.id,
            rp_name=self.name,
            user_id=user_id.bytes,
            user_name=login,
            challenge=challenge.encode(),
            timeout=TIMEOUT_MS,
            authenticator_selection=AuthenticatorSelectionCriteria(
                resident_key=ResidentKeyRequirement.PREFERRED,
                user_verification=UserVerificationRequirement.PREFERRED,
            ),
            exclude_credentials=[_described(passkey) for passkey in present],
        )
        return _plain(options)

    def request_options(
        self, challenge: str, passkeys: Iterable[Passkey], *, verified: bool
    ) -> dict[str, Any]:
        """For `navigator.credentials.get()`; without `passkeys` the user chooses an account.

        `verified` demands that the authenticator makes sure who holds it.
        """
        options = webauthn.generate_authentication_options(
            rp_id=self.id,
            challenge=challenge.encode(),
            timeout=TIMEOUT_MS,
            allow_credentials=[_described(passkey) for passkey in passkeys],
            user_verification=UserVerificationRequirement.REQUIRED
            if verified
            else UserVerificationRequirement.PREFERRED,
        )
        return _plain(options)

    def registered(self, challenge: str, credential: Mapping[str, Any]) -> VerifiedRegistration:
        """The new passkey; raises `PasskeyRefused`."""
        try:
            made = webauthn.verify_registration_response(
                credential=dict(credential),
                expected_challenge=challenge.encode(),
                expected_rp_id=self.id,
                expected_origin=self.origins,
            )
            format_ = parse_attestation_object(made.attestation_object).fmt
        except Exception as error:  # a stranger's bytes: its decoders raise whatever they like
            raise PasskeyRefused("this passkey does not answer the challenge") from error
        if format_ not in {AttestationFormat.NONE, AttestationFormat.PACKED}:
            raise PasskeyRefused(f"attestation of the form {format_} was not asked for")
        return made

    def asserted(
        self, challenge: str, credential: Mapping[str, Any], passkey: Passkey, *, verified: bool
    ) -> VerifiedAuthentication:
        """What the passkey's authenticator says; raises `PasskeyRefused`.

        Whether its counter went back is for the passkey to say.
        """
        try:
            return webauthn.verify_authentication_response(
                credential=dict(credential),
                expected_challenge=challenge.encode(),
                expected_rp_id=self.id,
                expected_origin=self.origins,
                credential_public_key=passkey.public_key,
                credential_current_sign_count=0,
                require_user_verification=verified,
            )
        except Exception as error:  # as above
            raise PasskeyRefused("this passkey does not answer the challenge") from error


def _described(passkey: Passkey) -> PublicKeyCredentialDescriptor:
    transports = [AuthenticatorTransport(name) for name in passkey.transports]
    return PublicKeyCredentialDescriptor(id=passkey.credential_id, transports=transports)


def _plain(options: Any) -> dict[str, Any]:
    return dict(json.loads(webauthn.options_to_json(options)))
