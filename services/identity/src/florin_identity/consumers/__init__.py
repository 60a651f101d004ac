"""What identity does when others state something."""

from florin_identity.consumers import clients, providers
from florin_identity.consumers.subscriptions import subscriptions

__all__ = ["clients", "providers", "subscriptions"]
