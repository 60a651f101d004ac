"""The refusals of OAuth 2.0, as its clients expect them. Source: RFC 6749, section 5.2.

OAuthRefusal (400)
├── InvalidRequest          a parameter is missing, repeated or of no use
├── InvalidClient (401)     the program did not prove who it is
├── InvalidGrant            what it presents for a token is wrong, used up or over
├── UnauthorizedClient      it may not ask for a token in this way
├── UnsupportedGrantType    nobody may
└── InvalidScope            it asks for more than there is to grant
"""

from collections.abc import Mapping
from typing import Any

from florin_chassis.errors import Refusal


class OAuthRefusal(Refusal):
    """A problem document that is an OAuth error too. `detail` is ASCII and echoes no input."""

    status = 400

    def problem(self) -> dict[str, Any]:
        """Both documents in one: RFC 6749 lets others add members, as RFC 9457 does."""
        return {**super().problem(), "error": self.code, "error_description": self.detail}


class InvalidRequest(OAuthRefusal):
    """A parameter is missing, repeated, or contradicts another."""

    code = "invalid_request"


class InvalidClient(OAuthRefusal):
    """The program is unknown, or did not prove that it is the one it says."""

    status, code = 401, "invalid_client"
    headers: Mapping[str, str] = {"WWW-Authenticate": 'Basic realm="florin"'}
    keeps = True


class InvalidGrant(OAuthRefusal):
    """What is presented to get a token is wrong, used, expired or revoked."""

    code = "invalid_grant"
    keeps = True


class UnauthorizedClient(OAuthRefusal):
    """This program may not use this grant."""

    code = "unauthorized_client"


class UnsupportedGrantType(OAuthRefusal):
    """There is no such grant here."""

    code = "unsupported_grant_type"


class InvalidScope(OAuthRefusal):
    """A scope is unknown, or more than may be granted."""

    code = "invalid_scope"
