"""What identity states: users, sessions and impersonations. Never a secret."""

from enum import StrEnum
from uuid import UUID

from pydantic import AwareDatetime

from florin_contracts.event import Event
from florin_contracts.values import Value
from florin_contracts.vocabulary import Open


class UserKind(StrEnum):
    """On whose side a user stands."""

    EMPLOYEE = "employee"
    CLIENT = "client"


class UserStatus(StrEnum):
    """Whether a user may sign in: *invited* has not set a password yet."""

    INVITED = "invited"
    ACTIVE = "active"
    SUSPENDED = "suspended"


class UserState(Value):
    """A login. `client_id` is the client that a user registered with; none for an employee."""

    id: UUID
    name: str
    email: str
    kind: Open[UserKind]
    status: Open[UserStatus]
    administrator: bool
    client_id: UUID | None


class ClientRegistration(Value):
    """What a client that registers itself said; the clients service makes the client from it."""

    client_id: UUID
    provider_id: UUID
    name: str
    country: str


class UserRegistered(UserState, Event, type="florin.identity.user.registered.v1"):
    """A user registered a client and itself at once.

    The first administrator, made at installation, has no `registration`.
    """

    registration: ClientRegistration | None


class UserInvited(UserState, Event, type="florin.identity.user.invited.v1"):
    """A login was made for an employee, who has yet to set a password by the one-time link."""


class UserActivated(UserState, Event, type="florin.identity.user.activated.v1"):
    """An invited user set a password and may sign in."""


class SessionState(Value):
    """A user's signed-in session."""

    id: UUID
    user_id: UUID
    started_at: AwareDatetime


class SessionStarted(SessionState, Event, type="florin.identity.session.started.v1"):
    """A user signed in."""


class ImpersonationState(Value):
    """An employee's stay in the control panel with the rights of a client."""

    id: UUID
    employee_user_id: UUID
    client_id: UUID
    reason: str
    started_at: AwareDatetime
    expires_at: AwareDatetime


class ImpersonationStarted(
    ImpersonationState, Event, type="florin.identity.impersonation.started.v1"
):
    """An employee entered as the client, for the reason given."""
