"""An authenticator in software: makes keys, signs, and speaks to a page as a browser lets it."""

import hashlib
import secrets
from dataclasses import dataclass, field
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from fido2.cose import ES256
from fido2.utils import websafe_decode, websafe_encode
from fido2.webauthn import (
    Aaguid,
    AttestationObject,
    AttestedCredentialData,
    AuthenticatorData,
    CollectedClientData,
)

ORIGIN = "https://florin.test"
FLAG = AuthenticatorData.FLAG
NOTHING = FLAG(0)


@dataclass
class Held:
    """A key that the authenticator holds for a user of a domain."""

    key: ec.EllipticCurvePrivateKey
    domain: str
    user: str


@dataclass
class SoftAuthenticator:
    """`verifies` says that it makes sure who holds it, `synced` that its keys are on other devices.

    It counts signatures, unless it is synced: then, as those do, it always says zero.
    """

    verifies: bool = True
    synced: bool = False
    origin: str = ORIGIN
    count: int = 0
    held: dict[str, Held] = field(default_factory=dict)

    def create(self, options: dict[str, Any]) -> dict[str, Any]:
        """`navigator.credentials.create()`, in JSON; refuses where it holds an excluded key."""
        if any(known["id"] in self.held for known in options["excludeCredentials"]):
            raise AssertionError("InvalidStateError")
        id_ = websafe_encode(secrets.token_bytes(32))
        key = ec.generate_private_key(ec.SECP256R1())
        domain = options["rp"]["id"]
        self.held[id_] = Held(key, domain, options["user"]["id"])
        public = ES256.from_cryptography_key(key.public_key())  # type: ignore[no-untyped-call]
        attested = AttestedCredentialData.create(Aaguid.NONE, websafe_decode(id_), public)
        data = self._data(domain, FLAG.AT, attested)
        response = {
            "clientDataJSON": self._client_data("webauthn.create", options),
            "attestationObject": websafe_encode(AttestationObject.create("none", data, {})),
            "transports": ["internal", "hybrid"],
        }
        return {"id": id_, "rawId": id_, "type": "public-key", "response": response} | _BESIDE

    def get(self, options: dict[str, Any], **changes: Any) -> dict[str, Any]:
        """`navigator.credentials.get()`, in JSON, with the first key that fits."""
        allowed = {known["id"] for known in options["allowCredentials"]} or self.held.keys()
        id_ = next(i for i in self.held if i in allowed and self.held[i].domain == options["rpId"])
        held = self.held[id_]
        client_data = changes.get("client_data", self._client_data("webauthn.get", options))
        data = self._data(options["rpId"])
        signed = data + hashlib.sha256(websafe_decode(client_data)).digest()
        response = {
            "clientDataJSON": client_data,
            "authenticatorData": websafe_encode(data),
            "signature": websafe_encode(held.key.sign(signed, ec.ECDSA(hashes.SHA256()))),
            "userHandle": held.user,
        }
        return {"id": id_, "rawId": id_, "type": "public-key", "response": response} | _BESIDE

    def _client_data(self, type_: str, options: dict[str, Any]) -> str:
        challenge = websafe_decode(options["challenge"])
        return websafe_encode(CollectedClientData.create(type_, challenge, self.origin))

    def _data(self, domain: str, extra: FLAG = NOTHING, attested: bytes = b"") -> AuthenticatorData:
        flags = FLAG.UP | extra
        if self.verifies:
            flags |= FLAG.UV
        if self.synced:
            flags |= FLAG.BE | FLAG.BS
        else:
            self.count += 1
        digest = hashlib.sha256(domain.encode()).digest()
        data: AuthenticatorData = AuthenticatorData.create(digest, flags, self.count, attested)
        return data


_BESIDE = {"authenticatorAttachment": "platform", "clientExtensionResults": {}}
