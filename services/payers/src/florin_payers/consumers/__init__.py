"""What this service does when others state something."""

from florin_payers.consumers import clients, providers
from florin_payers.consumers.subscriptions import subscriptions

__all__ = ["clients", "providers", "subscriptions"]
