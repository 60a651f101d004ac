"""What the routes of webhooks take and answer."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import (
    AfterValidator,
    AliasChoices,
    AwareDatetime,
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
)

from florin_chassis.http.bodies import Body, Line, Resource
from florin_contracts.providers import WebhookStatus
from florin_providers.models import AttemptOutcome, DeliveryStatus
from florin_providers.models.webhook_rights import unknown_types


def _published(types: tuple[str, ...]) -> tuple[str, ...]:
    if unknown := unknown_types(types):
        raise ValueError(f"no event is of the type {', '.join(unknown)}")
    if len(set(types)) < len(types):
        raise ValueError("each may be named only once")
    return types


Url = Annotated[str, StringConstraints(min_length=1, max_length=2_000)]
EventTypes = Annotated[
    tuple[Annotated[str, StringConstraints(max_length=200)], ...],
    Field(min_length=1, max_length=200),
    AfterValidator(_published),
]
Note = Annotated[str, StringConstraints(max_length=500, pattern=r"^[^\x00]*$")]
Name = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_.-]{1,40}$")]
Metadata = Annotated[dict[Name, Note], Field(max_length=50)]


class NewWebhook(Body):
    """A webhook to set up; no `event_types` means all, no `provider_id` every provider's."""

    url: Url
    description: Line
    event_types: EventTypes | None = None
    provider_id: UUID | None = None
    metadata: Metadata = Field(default_factory=dict)

    def columns(self) -> dict[str, Any]:
        """The webhook as the aggregate's columns."""
        return _columns(self.model_dump())


class WebhookChanges(Body):
    """What to change of a webhook: what is left out or null stays.

    Only `event_types` null means something else: all of them.
    """

    url: Url | None = None
    description: Line | None = None
    event_types: EventTypes | None = None
    metadata: Metadata | None = None
    enabled: bool | None = None

    def columns(self) -> dict[str, Any]:
        """What was sent, by the names of the aggregate's columns."""
        sent = self.model_dump(exclude_unset=True, exclude={"enabled"})
        return _columns({n: v for n, v in sent.items() if v is not None or n == "event_types"})


def _columns(fields: dict[str, Any]) -> dict[str, Any]:
    """`metadata` is taken on every mapped class."""
    return {"notes" if name == "metadata" else name: value for name, value in fields.items()}


class WebhookAnswer(Resource):
    """A webhook, without its secret."""

    url: str
    description: str
    event_types: tuple[str, ...] | None
    provider_id: UUID | None
    status: WebhookStatus
    metadata: Annotated[dict[str, str], Field(validation_alias=AliasChoices("notes", "metadata"))]


class WebhookWithSecret(WebhookAnswer):
    """A webhook and a secret of it that is never shown again."""

    secret: str


class Rotation(Body):
    """How many hours the present secret stays valid beside the new one; 0 when others saw it."""

    overlap_hours: Annotated[int, Field(ge=0, le=168)] = 24


class DeliveryAnswer(Resource):
    """One event to a webhook. `tries` counts those since it was made or last asked for again."""

    webhook_id: UUID
    event_id: UUID
    event_type: str
    subject: UUID
    sequence: int
    status: DeliveryStatus
    tries: int
    made_at: datetime
    completed_at: datetime | None


class AttemptAnswer(Resource):
    """One try; `response` is the beginning of the answer's body."""

    at: datetime
    duration_ms: int
    outcome: AttemptOutcome
    status_code: int | None
    response: str | None
    error: str | None


class DeliveryWithAttempts(DeliveryAnswer):
    """A delivery and how each try went, oldest first."""

    attempts: tuple[AttemptAnswer, ...]


class Period(Body):
    """A time in which events were stated, from `since` to before `until`, or to now."""

    since: AwareDatetime
    until: AwareDatetime | None = None


class Replayed(BaseModel):
    """How many events are told again."""

    model_config = ConfigDict(frozen=True)

    replayed: int
