"""What is kept here of who sells, and as which legal entity."""

from florin_contracts.providers import CompanyState, ProviderState
from florin_payers.consumers.subscriptions import subscriptions

subscriptions.project(ProviderState, CompanyState)
