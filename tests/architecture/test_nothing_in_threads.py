"""What a request needs is computed in the event loop: a hop to a thread would cost more."""

import inspect
from asyncio import iscoroutinefunction
from collections.abc import Iterator
from typing import Annotated

import pytest
from fastapi import APIRouter, Depends
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute
from tests.contract.test_services import SERVICES

from florin_chassis.http.health import health_routes
from florin_chassis.service import Service
from florin_gateway.pages import own_pages


def in_threads(*routers: APIRouter) -> set[str]:
    """The names of what FastAPI would call in a thread: whatever is not `async`."""
    routes = [route for router in routers for route in router.routes]
    needed = (d for route in routes if isinstance(route, APIRoute) for d in _all(route.dependant))
    return {
        f"{call.__module__}.{call.__qualname__}"
        for call in (dependant.call for dependant in needed)
        if call is not None and not (iscoroutinefunction(call) or inspect.isasyncgenfunction(call))
    }


def _all(dependant: Dependant) -> Iterator[Dependant]:
    yield dependant
    for part in dependant.dependencies:
        yield from _all(part)


@pytest.mark.parametrize("service", SERVICES, ids=lambda service: service.name)
def test_no_route_and_no_dependency_of_one_is_run_in_a_thread(service: Service) -> None:
    assert in_threads(*service.routers) == set()


def test_nor_is_any_of_the_gateways_own_pages() -> None:
    pages = own_pages(documents_served=True, metrics_exposed=False)
    assert in_threads(pages, health_routes({})) == set()


def test_a_dependency_that_would_be_is_found_however_deep() -> None:
    def deep() -> int:
        return 1

    async def shallow(one: Annotated[int, Depends(deep)]) -> int:
        return one

    router = APIRouter()

    @router.get("/")
    async def page(two: Annotated[int, Depends(shallow)]) -> int:
        return two

    assert in_threads(router) == {f"{__name__}.{deep.__qualname__}"}
