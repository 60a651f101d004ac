"""What the routes take and answer."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr

from florin_chassis.http.bodies import Body, Email, Line, Resource
from florin_contracts.identity import UserKind, UserStatus
from florin_contracts.party import CountryInBody


def _encodable(secret: SecretStr) -> SecretStr:
    """JSON can hold half of a surrogate pair, which is no text and cannot be hashed."""
    try:
        secret.get_secret_value().encode()
    except UnicodeEncodeError:
        raise ValueError("is no valid Unicode") from None
    return secret


GivenPassword = Annotated[SecretStr, Field(max_length=1_000), AfterValidator(_encodable)]
"""A password as someone typed it; whether it is strong enough is decided when one is set."""


GivenToken = Annotated[SecretStr, Field(max_length=200), AfterValidator(_encodable)]
"""The token of a one-time link, as someone handed it in."""


class NewRegistration(Body):
    """A client that registers itself; the client and its first user have the same name."""

    name: Line
    email: Email
    password: GivenPassword
    provider_id: UUID
    country: CountryInBody
    accepted_terms: Annotated[str, Field(max_length=500)] | None = None
    """The address of the provider's terms, if it has any: what was read and accepted."""


class AcceptedInvitation(Body):
    """The one-time token, and the password to set."""

    token: GivenToken
    password: GivenPassword


class FollowedLink(Body):
    """The token of the link that was followed."""

    token: GivenToken


class NewPasswordReset(Body):
    """The address of someone who does not know its password."""

    email: Email


class RedeemedPasswordReset(Body):
    """The token of the link that was mailed, and the password to set."""

    token: GivenToken
    password: GivenPassword


class ChangedPassword(Body):
    """The password that was, and the one that shall be."""

    password: GivenPassword
    new_password: GivenPassword


class NewEmailChange(Body):
    """The address to sign in with from now on, and the password to prove who asks."""

    email: Email
    password: GivenPassword


class UserAnswer(Resource):
    """A login."""

    name: str
    email: str
    kind: UserKind
    status: UserStatus
    administrator: bool
    client_id: UUID | None
    email_verified: bool


class ImpersonationAnswer(Resource):
    """An employee's stay in a client's control panel."""

    employee_user_id: UUID
    client_id: UUID
    reason: str
    started_at: datetime
    expires_at: datetime
    ended_at: datetime | None


class Answer(BaseModel):
    """An answer that is about no single aggregate."""

    model_config = ConfigDict(frozen=True, from_attributes=True)


class RegistrationAnswer(Answer):
    """The user, and the id of the client that is being made."""

    user: UserAnswer
    client_id: UUID


class InvitationAnswer(Answer):
    """A one-time token, told only here."""

    invitation_token: str
    expires_at: datetime


class MeAnswer(Answer):
    """Who the access token says is asking, and what it allows."""

    user_id: UUID
    name: str
    email: str
    permissions: list[str]
    reach: Mapping[str, list[UUID]]
    everywhere: bool
    impersonated_by: UUID | None


class EmailChangeAnswer(Answer):
    """Whether both addresses have agreed, so that the new one signs in."""

    complete: bool


class KeysAnswer(Answer):
    """The public signing keys. Source: RFC 7517, section 5."""

    keys: list[dict[str, Any]]


class TokenAnswer(Answer):
    """A token and what came with it. Source: RFC 6749, section 5.1; RFC 8693, section 2.2.1."""

    access_token: str
    token_type: Literal["Bearer"]
    expires_in: int
    scope: str | None = None
    issued_token_type: str | None = None
    impersonation_id: UUID | None = None
    refresh_token: str | None = None
    id_token: str | None = None


class UserInfoAnswer(Answer):
    """What an application may know of its user. Source: OpenID Connect Core 1.0, section 5.1."""

    sub: UUID
    name: str | None = None
    kind: UserKind | None = None
    email: str | None = None
    email_verified: bool | None = None
