"""`/products`: the catalogue, with its plans and prices."""

from typing import Any
from uuid import UUID

from fastapi import Response

from florin_chassis.finding import find_one
from florin_chassis.http.endpoint import BeginTransaction, Reading, Router
from florin_chassis.http.etags import ExpectedVersion, tag
from florin_chassis.http.pages import Page, PagingQuery
from florin_contracts.permissions import Permission
from florin_providers.api.schemas import NewPlan, NewProduct, ProductAnswer
from florin_providers.models import Product
from florin_providers.queries.list_products import list_products
from florin_providers.use_cases.add_plan import add_plan
from florin_providers.use_cases.create_product import create_product

router = Router(tags=["catalogue"])


@router.post("/products", permission=Permission.CATALOGUE_WRITE, response_model=ProductAnswer)
async def post_product(body: NewProduct, begin: BeginTransaction, response: Response) -> Product:
    plans = tuple(plan.to_contract() for plan in body.plans)
    return tag(response, await create_product(body.provider_id, body.name, plans, begin))


@router.get("/products", permission=Permission.CATALOGUE_READ, response_model=Page[ProductAnswer])
async def get_products(
    session: Reading, paging: PagingQuery, provider_id: UUID | None = None
) -> dict[str, Any]:
    return await list_products(session, paging, provider_id)


@router.get(
    "/products/{product_id}", permission=Permission.CATALOGUE_READ, response_model=ProductAnswer
)
async def get_product(product_id: UUID, session: Reading, response: Response) -> Product:
    return tag(response, await find_one(session, Product, product_id))


@router.post(
    "/products/{product_id}/plans",
    permission=Permission.CATALOGUE_WRITE,
    response_model=ProductAnswer,
)
async def post_plan(
    product_id: UUID,
    body: NewPlan,
    expected: ExpectedVersion,
    begin: BeginTransaction,
    response: Response,
) -> Product:
    return tag(response, await add_plan(product_id, body.to_contract(), expected, begin))
