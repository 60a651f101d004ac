"""What this service does when others state something."""

from florin_providers.consumers import identity, webhooks
from florin_providers.consumers.subscriptions import subscriptions

__all__ = ["identity", "subscriptions", "webhooks"]
