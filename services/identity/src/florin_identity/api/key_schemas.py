"""What the routes of service accounts and API keys take and answer."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import AwareDatetime, Field, model_validator

from florin_chassis.http.bodies import Body, Line, Resource
from florin_contracts.permissions import Permission
from florin_identity.api.schemas import Answer

Permissions = Annotated[tuple[Permission, ...], Field(max_length=len(Permission))]
ProviderIds = Annotated[tuple[UUID, ...], Field(max_length=100)]
OVERLAP_HOURS_MAX = 24 * 30


def _once(values: tuple[Any, ...]) -> tuple[Any, ...]:
    return tuple(sorted(set(values)))


class NewServiceAccount(Body):
    """A program, what it may do, and for which providers; none named means for all."""

    name: Line
    permissions: Permissions
    provider_ids: ProviderIds

    def columns(self) -> dict[str, Any]:
        """As the account keeps them."""
        return _columns(self)


class ServiceAccountChanges(Body):
    """What is to be otherwise; what is left out stays."""

    name: Line | None = None
    permissions: Permissions | None = None
    provider_ids: ProviderIds | None = None

    @model_validator(mode="after")
    def _null_is_no_change(self) -> "ServiceAccountChanges":
        if nulls := [name for name in self.model_fields_set if getattr(self, name) is None]:
            raise ValueError(f"{nulls[0]} cannot be null")
        return self

    def columns(self) -> dict[str, Any]:
        """As the account keeps them."""
        return _columns(self)


def _columns(body: Body) -> dict[str, Any]:
    given = body.model_dump(exclude_unset=True)
    return {k: v if isinstance(v, str) else _once(v) for k, v in given.items()}


class SecretRotation(Body):
    """For how long the present secret holds beside the new one."""

    overlap_hours: Annotated[int, Field(ge=0, le=OVERLAP_HOURS_MAX)] = 24


class ServiceAccountAnswer(Resource):
    """A program with an account. Its id is its OAuth `client_id`."""

    name: str
    permissions: list[str]
    provider_ids: list[UUID]
    disabled: bool
    created_at: datetime


class ServiceAccountWithSecret(ServiceAccountAnswer):
    """The account with a new secret, which is told this once."""

    secret_id: UUID
    client_secret: str


class SecretAnswer(Resource):
    """A secret that holds, without what it is."""

    created_at: datetime
    expires_at: datetime | None


class SecretsAnswer(Answer):
    """The secrets of an account that hold; two at most."""

    data: list[SecretAnswer]


class NewApiKey(Body):
    """What a key is called, the most that it may do, and until when; null means for good."""

    name: Line
    scopes: Annotated[Permissions, Field(min_length=1)]
    expires_at: AwareDatetime | None


class ApiKeyAnswer(Resource):
    """A key, without what it is; `prefix` is how it begins."""

    owner_id: UUID
    owner_kind: Literal["user", "service-account"]
    name: str
    prefix: str
    scopes: list[str]
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None
    last_used_at: datetime | None


class ApiKeyWithSecret(ApiKeyAnswer):
    """The key itself, which is told this once."""

    key: str
