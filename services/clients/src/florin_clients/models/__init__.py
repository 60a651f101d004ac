"""Tables, rules and refusals of the clients service."""

from florin_clients.models.addresses import refuse_invited_at, require_free
from florin_clients.models.base import Base
from florin_clients.models.client import Client
from florin_clients.models.client_user import ClientUser
from florin_clients.models.finding_members import get_member
from florin_clients.models.fulfilment import Fulfilment
from florin_clients.models.member_refusals import EmailTaken
from florin_clients.models.membership import Membership, require_for_clients
from florin_clients.models.offer import (
    NoCompanyServesPayer,
    NotOnOffer,
    Offer,
    UnknownPayer,
    UnknownPlan,
)
from florin_clients.models.order import Order
from florin_clients.models.reach import reaches_all
from florin_clients.models.request import Message, NotAClientOfProvider, Request, Side
from florin_clients.models.service import Service
from florin_clients.models.verified_owner import EmailNotVerified, require_verified_owner

__all__ = [
    "Base",
    "Client",
    "ClientUser",
    "EmailNotVerified",
    "EmailTaken",
    "Fulfilment",
    "Membership",
    "Message",
    "NoCompanyServesPayer",
    "NotAClientOfProvider",
    "NotOnOffer",
    "Offer",
    "Order",
    "Request",
    "Service",
    "Side",
    "UnknownPayer",
    "UnknownPlan",
    "get_member",
    "reaches_all",
    "refuse_invited_at",
    "require_for_clients",
    "require_free",
    "require_verified_owner",
]
