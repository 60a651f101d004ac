"""A support request: a client's question, and the messages in which it is answered."""

from datetime import datetime
from enum import StrEnum
from typing import ClassVar
from uuid import UUID

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column, relationship

from florin_chassis.errors import Refusal
from florin_chassis.ids import new_id
from florin_chassis.orm import Aggregate, Fact
from florin_chassis.tenancy import Tenanted
from florin_clients.models.base import Base
from florin_contracts.clients import RequestAnswered, RequestOpened, RequestStatus


class NotAClientOfProvider(Refusal):
    """Support is asked of a provider that the client buys from."""

    code = "not_a_client_of_provider"


class Side(StrEnum):
    """Who speaks in a message."""

    CLIENT = "client"
    SUPPORT = "support"


class Message(Base):
    """One text of a request. It has no event: what people write stays in this service.

    `author_id` is the real person, also where it wrote `on_behalf_of` a client.
    """

    __tablename__ = "messages"
    __table_args__ = (Index(None, "request_id", "id"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    request_id: Mapped[UUID] = mapped_column(ForeignKey("requests.id"))
    side: Mapped[Side]
    author_id: Mapped[UUID | None]
    on_behalf_of: Mapped[str | None]
    text: Mapped[str]
    written_at: Mapped[datetime]


class Request(Aggregate, Tenanted, Base):
    """See `florin_contracts.clients.RequestState`."""

    __tablename__ = "requests"
    __table_args__ = (Index(None, "client_id", "id"), Index(None, "provider_id", "id"))
    tenants: ClassVar = {"client": "client_id", "provider": "provider_id"}

    client_id: Mapped[UUID] = mapped_column(ForeignKey("clients.id"))
    provider_id: Mapped[UUID]
    subject: Mapped[str]
    status: Mapped[RequestStatus]
    messages: Mapped[list[Message]] = relationship(lazy="raise", order_by=Message.id)

    def open(self) -> Fact:
        """Ask, and wait for support."""
        return self.fact(RequestOpened)

    def answer(self, message: Message) -> Fact:
        """Have support's answer. Support may answer more than once."""
        self.messages.append(message)
        self.status = RequestStatus.ANSWERED
        return self.fact(RequestAnswered)
