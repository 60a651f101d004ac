"""Every event of every owner: importing this module fills the registry."""

from florin_contracts import clients, identity, payers, providers
from florin_contracts.event import Event, event_types

__all__ = ["Event", "clients", "event_types", "identity", "payers", "providers"]
