"""What an application is sent, that it may believe a session has ended.

Source: OpenID Connect Back-Channel Logout 1.0, section 2.4.
"""

from datetime import UTC, datetime
from typing import Final
from uuid import UUID

from florin_chassis.ids import new_id
from florin_identity.models.key_ring import KeyRing

LIFE_S: Final = 120
TYPE: Final = "logout+jwt"
EVENT: Final = "http://schemas.openid.net/event/backchannel-logout"


def sign_logout_token(
    key_ring: KeyRing, issuer: str, application_id: UUID, user_id: UUID, session_id: UUID
) -> str:
    """A token of its own for each try. Its type says that it is no ID token, and it has no nonce.

    A receiver that keeps what it has seen takes no second try for a replay.
    """
    now_s = int(datetime.now(UTC).timestamp())
    claims = {
        "iss": issuer,
        "aud": str(application_id),
        "sub": str(user_id),
        "sid": str(session_id),
        "iat": now_s,
        "exp": now_s + LIFE_S,
        "jti": str(new_id()),
        "events": {EVENT: {}},
    }
    return key_ring.sign(claims, TYPE)
