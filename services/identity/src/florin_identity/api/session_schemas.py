"""What the routes about sessions take and answer."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field, SecretStr

from florin_chassis.http.bodies import Body, Email
from florin_identity.api.schemas import Answer, GivenPassword
from florin_identity.models.refresh_family import LENGTH


class NewSession(Body):
    """Email and password of someone who signs in."""

    email: Email
    password: GivenPassword


class Refresh(Body):
    """The refresh token that the last answer held."""

    refresh_token: Annotated[SecretStr, Field(min_length=1, max_length=2 * LENGTH)]


class SessionAnswer(Answer):
    """An access token, and what to get the next with. Source: RFC 6749, section 5.1."""

    access_token: str
    token_type: Literal["Bearer"]
    expires_in: int
    refresh_token: str
    session_id: UUID
    user_id: UUID


class OpenSessionAnswer(Answer):
    """A session that goes on: from where it was last used, and how its user proved itself.

    `current` is the one that asks. Source of the words in `amr`: RFC 8176.
    """

    id: UUID
    user_id: UUID
    started_at: datetime
    used_at: datetime
    address: str | None
    agent: str | None
    amr: list[str]
    current: bool
