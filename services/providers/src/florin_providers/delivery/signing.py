"""Signatures by which a receiver knows that a delivery is ours: Standard Webhooks 1.0."""

import base64
import hmac
from collections.abc import Iterable
from datetime import datetime
from uuid import UUID


def signed_headers(
    event_id: UUID, at: datetime, body: bytes, secrets: Iterable[bytes]
) -> dict[bytes | str, bytes | str]:
    """The three headers; one signature for each secret that is valid now."""
    timestamp = str(int(at.timestamp()))
    signed = f"{event_id}.{timestamp}.".encode() + body
    signatures = (_signature(signed, secret) for secret in secrets)
    return {
        "webhook-id": str(event_id),
        "webhook-timestamp": timestamp,
        "webhook-signature": " ".join(signatures),
    }


def _signature(signed: bytes, secret: bytes) -> str:
    return "v1," + base64.b64encode(hmac.digest(secret, signed, "sha256")).decode()
