"""What identity states: users, their access, sessions and keys, impersonations. Never a secret."""

from enum import StrEnum
from uuid import UUID

from pydantic import AwareDatetime

from florin_contracts.event import Event
from florin_contracts.permissions import Permission
from florin_contracts.values import Value
from florin_contracts.vocabulary import Open


class UserKind(StrEnum):
    """On whose side a user stands."""

    EMPLOYEE = "employee"
    CLIENT = "client"


class UserStatus(StrEnum):
    """*invited*: has no password yet; *left*: for good, and its address may be another's."""

    INVITED = "invited"
    ACTIVE = "active"
    SUSPENDED = "suspended"
    LEFT = "left"


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
    email_verified: bool = False
    """Whether the user has proved that the address is its own."""
    second_factor: bool = False
    """Whether signing in takes more than the password."""


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
    """A login was made for an employee or a client's user, who has yet to set a password."""


class UserActivated(UserState, Event, type="florin.identity.user.activated.v1"):
    """An invited user set a password and may sign in."""


class UserEmailVerified(UserState, Event, type="florin.identity.user.email-verified.v1"):
    """The user followed the link that was sent to its address."""


class UserEmailChanged(UserState, Event, type="florin.identity.user.email-changed.v1"):
    """The user signs in with another address, which both the old and the new one confirmed.

    Or whoever invited it named another before it had a password; or it left, and gave its own up.
    """


class UserSuspended(UserState, Event, type="florin.identity.user.suspended.v1"):
    """The user may not sign in any more; what it was signed in with is refused."""


class UserResumed(UserState, Event, type="florin.identity.user.resumed.v1"):
    """A suspended user may sign in again."""


class UserLeft(UserState, Event, type="florin.identity.user.left.v1"):
    """An employee left, or a client's user was removed: its login is closed for good."""


class UserSecondFactorEnabled(
    UserState, Event, type="florin.identity.user.second-factor-enabled.v1"
):
    """From now on signing in takes a second factor."""


class UserSecondFactorDisabled(
    UserState, Event, type="florin.identity.user.second-factor-disabled.v1"
):
    """The user's last second factor was removed; the password alone signs in."""


class AccessState(Value):
    """What a user may do now and where: what departments, grants and roles add up to."""

    id: UUID
    """The user."""
    permissions: tuple[Open[Permission], ...]
    """What it may do; sorted."""
    everywhere: bool
    """Whether that holds for every provider and every client."""
    provider_ids: tuple[UUID, ...]
    """The providers within which it holds; none for a client's user."""
    client_ids: tuple[UUID, ...]
    """The clients within whose accounts it holds; none for an employee."""


class AccessGranted(AccessState, Event, type="florin.identity.access.granted.v1"):
    """A user may do more than before, and no less."""


class AccessReduced(AccessState, Event, type="florin.identity.access.reduced.v1"):
    """A user lost a right or a place: tokens issued before are refused, and renewed with less."""


class SessionEndCause(StrEnum):
    """Why a session ended; *ran_out*: by itself, unused for too long or at the end of its life."""

    SIGNED_OUT = "signed_out"
    ENDED_BY_OTHER = "ended_by_other"
    TOKEN_REUSED = "token_reused"  # noqa: S105 - a word
    PASSWORD_CHANGED = "password_changed"  # noqa: S105 - a word
    USER_SUSPENDED = "user_suspended"
    RAN_OUT = "ran_out"


class SessionState(Value):
    """A user's signed-in session."""

    id: UUID
    """The session."""
    user_id: UUID
    """Who signed in."""
    started_at: AwareDatetime
    """When."""
    ended_at: AwareDatetime | None = None
    """When it was ended; none while it goes on, or for the moment after it ran out by itself."""
    end_cause: Open[SessionEndCause] | None = None
    """Why it was ended."""


class SessionStarted(SessionState, Event, type="florin.identity.session.started.v1"):
    """A user signed in."""


class SessionEnded(SessionState, Event, type="florin.identity.session.ended.v1"):
    """A session was ended, or ran out: its tokens are refused from here on."""


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
    ended_at: AwareDatetime | None = None
    """When it was ended before that."""


class ImpersonationStarted(
    ImpersonationState, Event, type="florin.identity.impersonation.started.v1"
):
    """An employee entered as the client, for the reason given."""


class ImpersonationEnded(ImpersonationState, Event, type="florin.identity.impersonation.ended.v1"):
    """An employee left the client's control panel, or was made to: its token is refused."""


class ServiceAccountState(Value):
    """A program that signs in by itself, with rights of its own."""

    id: UUID
    """The service account."""
    name: str
    """What it is called."""
    permissions: tuple[Open[Permission], ...]
    """What it may do."""
    provider_ids: tuple[UUID, ...]
    """The providers within which it may do that; empty means all."""
    disabled: bool
    """Whether it may not sign in any more."""


class ServiceAccountCreated(
    ServiceAccountState, Event, type="florin.identity.service-account.created.v1"
):
    """A program was given an account."""


class ServiceAccountChanged(
    ServiceAccountState, Event, type="florin.identity.service-account.changed.v1"
):
    """A service account was renamed, has other rights, or lost its earlier secrets at once.

    Tokens that it got before are refused.
    """


class ServiceAccountDisabled(
    ServiceAccountState, Event, type="florin.identity.service-account.disabled.v1"
):
    """A service account may not sign in any more; its tokens are refused."""


class ApiKeyState(Value):
    """A long-lived key with which a user's or a service account's program asks."""

    id: UUID
    """The key, not its secret."""
    owner_id: UUID
    """The user or service account whose rights it has, as far as its scopes go."""
    name: str
    """What it is called."""
    prefix: str
    """How the key begins, to tell one from another."""
    scopes: tuple[Open[Permission], ...]
    """The most that it may do; its owner's access bounds it too."""
    expires_at: AwareDatetime | None
    """When it ends by itself; none for never."""
    revoked_at: AwareDatetime | None
    """When it was revoked; none while it is good."""


class ApiKeyCreated(ApiKeyState, Event, type="florin.identity.api-key.created.v1"):
    """A key was made."""


class ApiKeyRevoked(ApiKeyState, Event, type="florin.identity.api-key.revoked.v1"):
    """A key is refused from here on."""


class ApplicationState(Value):
    """An application that lets its users sign in here, by OpenID Connect."""

    id: UUID
    """The application; its `client_id` in OpenID Connect."""
    name: str
    """What the user is told signs it in."""
    redirect_uris: tuple[str, ...]
    """Where users may be sent back to, exactly."""
    post_logout_redirect_uris: tuple[str, ...]
    """Where users may be sent back to after signing out, exactly."""
    backchannel_logout_uri: str | None = None
    """Where it is told, behind the browser's back, that a session has ended."""
    confidential: bool
    """Whether it keeps a secret; a public one proves itself by PKCE alone."""
    first_party: bool
    """Whether it is the installation's own: its users are not asked for their consent."""
    open_to: tuple[Open[UserKind], ...]
    """Which kinds of users may sign in to it."""
    removed: bool
    """Whether nobody can sign in through it any more."""


class ApplicationRegistered(
    ApplicationState, Event, type="florin.identity.application.registered.v1"
):
    """An application may let its users sign in here."""


class ApplicationChanged(ApplicationState, Event, type="florin.identity.application.changed.v1"):
    """An application was renamed, or sends its users back elsewhere."""


class ApplicationRemoved(ApplicationState, Event, type="florin.identity.application.removed.v1"):
    """Nobody signs in through the application any more."""
