"""What the routes of applications take and answer."""

from typing import Annotated, Any

from pydantic import AfterValidator, Field, StringConstraints

from florin_chassis.http.bodies import Body, Line, Resource
from florin_contracts.identity import UserKind
from florin_identity.models.redirect_uris import LENGTH_MAX, require_registrable

Uri = Annotated[str, StringConstraints(max_length=LENGTH_MAX), AfterValidator(require_registrable)]
RedirectUris = Annotated[tuple[Uri, ...], Field(min_length=1, max_length=20)]
LogoutUris = Annotated[tuple[Uri, ...], Field(max_length=20)]
LogoutUri = Annotated[str, StringConstraints(max_length=LENGTH_MAX)]
Kinds = Annotated[tuple[UserKind, ...], Field(min_length=1, max_length=2)]


class NewApplication(Body):
    """An application to register. Unless it says otherwise, employees only sign in to it.

    A `first_party` application is the installation's own: its users are not asked for consent.
    """

    name: Line
    redirect_uris: RedirectUris
    post_logout_redirect_uris: LogoutUris = ()
    backchannel_logout_uri: LogoutUri | None = None
    confidential: bool
    first_party: bool = False
    open_to: Kinds = (UserKind.EMPLOYEE,)


class ApplicationChanges(Body):
    """What to change of an application: what is left out or null stays.

    But for `backchannel_logout_uri`: null there means that it is told no more.
    """

    name: Line | None = None
    redirect_uris: RedirectUris | None = None
    post_logout_redirect_uris: LogoutUris | None = None
    backchannel_logout_uri: LogoutUri | None = None
    first_party: bool | None = None
    open_to: Kinds | None = None

    def columns(self) -> dict[str, Any]:
        """What was sent."""
        nulled = self.model_fields_set & {"backchannel_logout_uri"}
        return dict.fromkeys(nulled) | self.model_dump(exclude_none=True)


class ApplicationAnswer(Resource):
    """An application; its `id` is the `client_id` of OpenID Connect."""

    name: str
    redirect_uris: tuple[str, ...]
    post_logout_redirect_uris: tuple[str, ...]
    backchannel_logout_uri: str | None
    confidential: bool
    first_party: bool
    open_to: tuple[UserKind, ...]


class ApplicationWithSecret(ApplicationAnswer):
    """An application and a secret of it that is never shown again; a public one has none."""

    client_secret: str | None


class SecretRotation(Body):
    """How many hours the present secret stays valid beside the new one; 0 when others saw it."""

    overlap_hours: Annotated[int, Field(ge=0, le=168)] = 24
