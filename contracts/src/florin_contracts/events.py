"""Every event of every owner: importing this module fills the registry."""

from types import ModuleType

from florin_contracts import clients, identity, payers, providers
from florin_contracts.event import Event, event_types

__all__ = ["Event", "clients", "event_types", "identity", "payers", "providers", "published_events"]

OWNERS = (identity, providers, clients, payers)


def published_events() -> dict[str, type[Event]]:
    """The events that these contracts promise, by type; a program may declare others of its own.

    Owner by owner, whichever module was loaded first.
    """
    return {
        type: event
        for owner in OWNERS
        for type, event in event_types().items()
        if _belongs(event, owner)
    }


def _belongs(event: type[Event], owner: ModuleType) -> bool:
    return event.__module__ == owner.__name__ or event.__module__.startswith(f"{owner.__name__}.")
