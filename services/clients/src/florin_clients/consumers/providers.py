"""What providers states: which plans there are, in which time zone, and who serves whom."""

from florin_clients.consumers.subscriptions import subscriptions
from florin_contracts.providers import CompanyState, ProviderState
from florin_contracts.providers.catalogue import ProductState

subscriptions.project(ProviderState, CompanyState, ProductState)
