"""What providers states: which plans there are, in which time zone, and who may buy them."""

from florin_clients.consumers.subscriptions import subscriptions
from florin_contracts.providers import ProviderState
from florin_contracts.providers.catalogue import ProductState

subscriptions.project(ProviderState, ProductState)
