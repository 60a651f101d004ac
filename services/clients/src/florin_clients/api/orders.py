"""`/orders`: what clients ask for."""

from typing import Any
from uuid import UUID

from fastapi import Response

from florin_chassis.finding import find_one
from florin_chassis.http.endpoint import BeginTransaction, Reading, Router
from florin_chassis.http.etags import tag
from florin_chassis.http.pages import Page, PagingQuery
from florin_clients.api.schemas import NewOrder, OrderAnswer
from florin_clients.models import Order
from florin_clients.queries.list_aggregates import list_aggregates
from florin_clients.use_cases.place_order import place_order
from florin_contracts.permissions import Permission

router = Router(tags=["orders"])


@router.post("/orders", permission=Permission.ORDERS_PLACE, response_model=OrderAnswer)
async def post_order(body: NewOrder, begin: BeginTransaction, response: Response) -> Order:
    return tag(response, await place_order(**body.wish(), begin=begin))


@router.get("/orders", permission=Permission.ORDERS_READ, response_model=Page[OrderAnswer])
async def get_orders(
    session: Reading,
    paging: PagingQuery,
    client_id: UUID | None = None,
    provider_id: UUID | None = None,
) -> dict[str, Any]:
    return await list_aggregates(session, Order, paging, client=client_id, provider=provider_id)


@router.get("/orders/{order_id}", permission=Permission.ORDERS_READ, response_model=OrderAnswer)
async def get_order(order_id: UUID, session: Reading, response: Response) -> Order:
    return tag(response, await find_one(session, Order, order_id))
