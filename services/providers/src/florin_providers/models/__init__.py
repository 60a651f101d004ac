"""Tables, rules and refusals of the providers service."""

from florin_providers.models.base import Base
from florin_providers.models.provider import Provider, SlugTaken

__all__ = ["Base", "Provider", "SlugTaken"]
