"""`/products`, `/product-types`: the catalogue, with its plans and prices."""

from datetime import UTC, datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import Depends, Query, Response

from florin_chassis.finding import find_one
from florin_chassis.http.endpoint import BeginTransaction, Reading, Router
from florin_chassis.http.etags import ExpectedVersion, tag
from florin_chassis.http.pages import Page, PagingQuery
from florin_contracts.permissions import Permission
from florin_contracts.providers.offers import OfferStatus
from florin_providers.api.catalogue_answers import ProductAnswer, TypeAnswer
from florin_providers.api.catalogue_schemas import (
    NewPlan,
    NewProduct,
    NewType,
    ProductChanges,
    TypeChanges,
    translated,
)
from florin_providers.models import Product, ProductType
from florin_providers.models.catalogue_words import Code
from florin_providers.queries.find_products import Sought, find_products, list_types
from florin_providers.use_cases.add_plan import add_plan
from florin_providers.use_cases.change_product import change_product
from florin_providers.use_cases.change_product_type import change_product_type
from florin_providers.use_cases.create_product import create_product
from florin_providers.use_cases.create_product_type import create_product_type

router = Router(tags=["catalogue"])

SoughtText = Annotated[str | None, Query(min_length=2, max_length=100, pattern=r"^[^\x00]*$")]


async def _sought(
    provider_id: UUID | None = None,
    product_type: Code | None = None,
    status: OfferStatus | None = None,
    code: Code | None = None,
    text: SoughtText = None,
) -> Sought:
    return Sought(provider_id, product_type, status, code, text)


SoughtQuery = Annotated[Sought, Depends(_sought)]


@router.post("/products", permission=Permission.CATALOGUE_WRITE, response_model=ProductAnswer)
async def post_product(body: NewProduct, begin: BeginTransaction, response: Response) -> Product:
    now = datetime.now(UTC)
    plans = tuple(plan.to_contract(now) for plan in body.plans)
    return tag(response, await create_product(Product(**body.columns(), plans=plans), begin))


@router.get("/products", permission=Permission.CATALOGUE_READ, response_model=Page[ProductAnswer])
async def get_products(
    session: Reading, paging: PagingQuery, sought: SoughtQuery
) -> dict[str, Any]:
    return await find_products(session, sought, paging)


@router.get(
    "/products/{product_id}", permission=Permission.CATALOGUE_READ, response_model=ProductAnswer
)
async def get_product(product_id: UUID, session: Reading, response: Response) -> Product:
    return tag(response, await find_one(session, Product, product_id))


@router.patch(
    "/products/{product_id}", permission=Permission.CATALOGUE_WRITE, response_model=ProductAnswer
)
async def patch_product(
    product_id: UUID,
    body: ProductChanges,
    expected: ExpectedVersion,
    begin: BeginTransaction,
    response: Response,
) -> Product:
    return tag(response, await change_product(product_id, body.columns(), expected, begin))


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
    plan = body.to_contract(datetime.now(UTC))
    return tag(response, await add_plan(product_id, plan, expected, begin))


@router.post("/product-types", permission=Permission.CATALOGUE_WRITE, response_model=TypeAnswer)
async def post_type(body: NewType, begin: BeginTransaction, response: Response) -> ProductType:
    columns = body.model_dump() | {"translations": translated(body.translations)}
    kind = ProductType(**columns, status=OfferStatus.ON_OFFER)
    return tag(response, await create_product_type(kind, begin))


@router.get("/product-types", permission=Permission.CATALOGUE_READ, response_model=Page[TypeAnswer])
async def get_types(session: Reading, paging: PagingQuery) -> dict[str, Any]:
    return await list_types(session, paging)


@router.get(
    "/product-types/{type_id}", permission=Permission.CATALOGUE_READ, response_model=TypeAnswer
)
async def get_type(type_id: UUID, session: Reading, response: Response) -> ProductType:
    return tag(response, await find_one(session, ProductType, type_id))


@router.patch(
    "/product-types/{type_id}", permission=Permission.CATALOGUE_WRITE, response_model=TypeAnswer
)
async def patch_type(
    type_id: UUID,
    body: TypeChanges,
    expected: ExpectedVersion,
    begin: BeginTransaction,
    response: Response,
) -> ProductType:
    return tag(response, await change_product_type(type_id, body.columns(), expected, begin))
