"""What happens here when others state something: one module for each who states."""

from florin_clients.consumers import identity, payers, providers
from florin_clients.consumers.subscriptions import subscriptions

__all__ = ["identity", "payers", "providers", "subscriptions"]
