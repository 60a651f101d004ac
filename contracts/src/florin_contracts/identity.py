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
    """The user; clients and providers know it under the same id."""
    name: str
    """What the user is called."""
    email: str
    """The address that the user signs in with."""
    kind: Open[UserKind]
    status: Open[UserStatus]
    administrator: bool
    """Whether the user may do everything; employees only."""
    client_id: UUID | None
    """The client that the user registered with; none for an employee."""


class ClientRegistration(Value):
    """What a client that registers itself said; the clients service makes the client from it."""

    client_id: UUID
    """The id that the client will have."""
    provider_id: UUID
    """The provider that the client registered with."""
    name: str
    """What the client is called."""
    country: str
    """Where the client lives or is established: ISO 3166-1 alpha-2."""


class UserRegistered(UserState, Event, type="florin.identity.user.registered.v1"):
    """A user registered a client and itself at once.

    The first administrator, made at installation, has no `registration`.
    """

    registration: ClientRegistration | None
    """The client to be made; none for the first administrator."""


class UserInvited(UserState, Event, type="florin.identity.user.invited.v1"):
    """A login was made for an employee, who has yet to set a password by the one-time link."""


class UserActivated(UserState, Event, type="florin.identity.user.activated.v1"):
    """An invited user set a password and may sign in."""


class SessionState(Value):
    """A user's signed-in session."""

    id: UUID
    """The session."""
    user_id: UUID
    """Who signed in."""
    started_at: AwareDatetime
    """When."""


class SessionStarted(SessionState, Event, type="florin.identity.session.started.v1"):
    """A user signed in."""


class ImpersonationState(Value):
    """An employee's stay in the control panel with the rights of a client."""

    id: UUID
    """The stay."""
    employee_user_id: UUID
    """The employee who acts."""
    client_id: UUID
    """The client as whom the employee acts."""
    reason: str
    """Why, in the employee's words."""
    started_at: AwareDatetime
    """When it began."""
    expires_at: AwareDatetime
    """When it ends by itself."""


class ImpersonationStarted(
    ImpersonationState, Event, type="florin.identity.impersonation.started.v1"
):
    """An employee entered as the client, for the reason given."""
