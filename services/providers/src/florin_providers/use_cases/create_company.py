"""A legal entity is set up for the providers that it serves."""

from typing import Any
from uuid import UUID

from florin_chassis.transaction import Begin
from florin_contracts.providers import Rounding
from florin_providers.models import Company, need_providers


async def create_company(provider_ids: tuple[UUID, ...], begin: Begin, **columns: Any) -> Company:
    """Raises `NotFound` or `ProviderIsArchived` for a provider, `Malformed` for a wrong number."""
    defaults: dict[str, Any] = {
        "registration": {},
        "contacts": (),
        "bank_accounts": (),
        "document_language": "en",
        "rounding": Rounding.LINE,
    }
    company = Company(
        provider_ids=provider_ids,
        suspended_provider_ids=(),
        document_prefix="",
        numbering=(),
        past_templates=(),
        archived=False,
        **{**defaults, **columns},
    )
    async with begin() as transaction:
        await need_providers(transaction.session, provider_ids)
        created = company.create()
        transaction.add(company)
        transaction.emit(created)
    return company
