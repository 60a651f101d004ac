"""Loads what a change of the catalogue is about."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from florin_chassis.errors import NotFound
from florin_chassis.transaction import Transaction
from florin_providers.models.catalogue_import import CatalogueImport
from florin_providers.models.plan import Plan
from florin_providers.models.product import Product
from florin_providers.models.product_type import ProductType


async def need_type(session: AsyncSession, code: str | None) -> None:
    """Raise `NotFound` or `TypeArchived` unless new products may have this type, or none."""
    if code is None:
        return
    kind = await session.scalar(select(ProductType).where(ProductType.code == code))
    if kind is None:
        raise NotFound(f"there is no type of products {code}")
    kind.require_on_offer()


async def product_of_plan(transaction: Transaction, plan_id: UUID) -> Product:
    """The product that has this plan, locked until the transaction ends; raises `NotFound`."""
    product_id = await transaction.session.scalar(select(Plan.product_id).where(Plan.id == plan_id))
    if product_id is None:
        raise NotFound(f"there is no plan {plan_id}")
    return await transaction.get(Product, product_id)


async def need_import(session: AsyncSession, import_id: UUID) -> CatalogueImport:
    """An import that the actor reaches, locked until the transaction ends; raises `NotFound`."""
    found = await session.get(CatalogueImport, import_id, with_for_update=True)
    if found is None:
        raise NotFound(f"there is no import {import_id}")
    return found
