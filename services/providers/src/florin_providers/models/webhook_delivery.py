"""What webhooks are told, in which order, and how each telling went."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import ForeignKey, Index, Text, UniqueConstraint, Uuid, func, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from florin_providers.models.base import Base


class DeliveryStatus(StrEnum):
    """*pending* until it was *delivered*, or has *failed* as often as it is tried."""

    PENDING = "pending"
    DELIVERED = "delivered"
    FAILED = "failed"


class AttemptOutcome(StrEnum):
    """How one try ended: *delivered* is an answer 2xx, *refused* is one of any other kind."""

    DELIVERED = "delivered"
    REFUSED = "refused"
    TIMED_OUT = "timed_out"
    UNREACHABLE = "unreachable"
    FORBIDDEN_ADDRESS = "forbidden_address"


class WebhookMessage(Base):
    """An event as it is sent, kept once however many webhooks are told of it."""

    __tablename__ = "webhook_messages"

    event_id: Mapped[UUID] = mapped_column(primary_key=True)
    type: Mapped[str]
    topic: Mapped[str]
    subject: Mapped[UUID] = mapped_column(index=True)
    sequence: Mapped[int]
    provider_ids: Mapped[tuple[UUID, ...]] = mapped_column(ARRAY(Uuid, as_tuple=True))
    body: Mapped[str] = mapped_column(Text)
    stated_at: Mapped[datetime] = mapped_column(index=True)
    received_at: Mapped[datetime] = mapped_column(server_default=func.now(), index=True)


class Delivery(Base):
    """One event to one webhook. `tries` counts those since it was made or last asked for again."""

    __tablename__ = "webhook_deliveries"
    __table_args__ = (
        UniqueConstraint("webhook_id", "event_id"),
        Index(None, "webhook_id", "id"),
        Index(None, "webhook_id", "status", "id"),
        Index(
            "ix_webhook_deliveries_pending",
            "webhook_id",
            "topic",
            "subject",
            "sequence",
            postgresql_where=text("status = 'pending'"),
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    webhook_id: Mapped[UUID] = mapped_column(ForeignKey("webhooks.id", ondelete="CASCADE"))
    event_id: Mapped[UUID] = mapped_column(
        ForeignKey("webhook_messages.event_id", ondelete="CASCADE"), index=True
    )
    event_type: Mapped[str]
    topic: Mapped[str]
    subject: Mapped[UUID]
    sequence: Mapped[int]
    status: Mapped[DeliveryStatus]
    tries: Mapped[int]
    made_at: Mapped[datetime] = mapped_column(server_default=func.now())
    completed_at: Mapped[datetime | None]


class DeliveryAttempt(Base):
    """One try; `response` is the beginning of the answer's body."""

    __tablename__ = "webhook_attempts"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    delivery_id: Mapped[UUID] = mapped_column(
        ForeignKey("webhook_deliveries.id", ondelete="CASCADE"), index=True
    )
    at: Mapped[datetime]
    duration_ms: Mapped[int]
    outcome: Mapped[AttemptOutcome]
    status_code: Mapped[int | None]
    response: Mapped[str | None] = mapped_column(Text)
    error: Mapped[str | None] = mapped_column(Text)


class WebhookLane(Base):
    """The deliveries of one aggregate to one webhook that wait: they go one after the other.

    There is a lane while one is pending. Whoever delivers its first holds the `claim` until
    `due_at`, and is to be done by then; without a claim, `due_at` is when the first is tried next.
    """

    __tablename__ = "webhook_lanes"
    __table_args__ = (
        Index(None, "webhook_id", "due_at"),
        Index("ix_webhook_lanes_claimed", "webhook_id", postgresql_where=text("claim IS NOT NULL")),
    )

    webhook_id: Mapped[UUID] = mapped_column(
        ForeignKey("webhooks.id", ondelete="CASCADE"), primary_key=True
    )
    topic: Mapped[str] = mapped_column(primary_key=True)
    subject: Mapped[UUID] = mapped_column(primary_key=True)
    due_at: Mapped[datetime] = mapped_column(server_default=func.now())
    claim: Mapped[UUID | None]


class WebhookHealth(Base):
    """A webhook that fails, and since when without a success; a healthy one has no row."""

    __tablename__ = "webhook_health"

    webhook_id: Mapped[UUID] = mapped_column(
        ForeignKey("webhooks.id", ondelete="CASCADE"), primary_key=True
    )
    failing_since: Mapped[datetime]
