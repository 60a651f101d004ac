"""Lists of users and groups: filter, order, page and attributes, from a URL or from a body."""

from typing import Any, Final

from fastapi import Request
from scim2_models import Context, ListResponse, Resource, SearchRequest
from scim2_models.path import Path
from sqlalchemy.ext.asyncio import AsyncSession

from florin_providers.api.scim.attributes import GROUPS, USERS, Table
from florin_providers.api.scim.description import RESULTS_MAX
from florin_providers.api.scim.filtering import condition_of
from florin_providers.api.scim.resources import Group, User
from florin_providers.api.scim.speaking import (
    NotScim,
    ScimAnswer,
    answer,
    read_body,
    spoken,
)
from florin_providers.api.scim.translating import group_of, user_of
from florin_providers.queries.find_provisioned import (
    Slice,
    find_departments,
    find_employees,
    ids_of_members,
    names_of_departments,
)

FILTER_LENGTH_MAX: Final = 4_000
_DEFAULT_COUNT: Final = 100
_START_MAX: Final = 1_000_000_000
Search = SearchRequest[Any]
Found = tuple[int, list[Resource[Any]]]


def search_in_url(request: Request, model: Any) -> Search:
    """What the URL asks for; raises `NotScim`."""
    with spoken():
        return _bounded(SearchRequest[model].model_validate(dict(request.query_params)))


async def search_in_body(request: Request, model: Any) -> Search:
    """What the body asks for (RFC 7644, section 3.4.3); raises `NotScim`."""
    return _bounded(await read_body(request, SearchRequest[model], Context.SEARCH_REQUEST))


def _bounded(search: Search) -> Search:
    if search.filter is not None and len(search.filter) > FILTER_LENGTH_MAX:
        raise NotScim(f"a filter has at most {FILTER_LENGTH_MAX} characters", "invalidFilter")
    return search


async def list_users(
    session: AsyncSession, search: Search, base: str, *, alone: bool = True
) -> Found:
    """The users of the page, and how many match."""
    total, employees = await find_employees(session, _slice(search, User, USERS, alone=alone))
    ids = {id_ for employee in employees for id_ in employee.department_ids}
    names = await names_of_departments(session, ids)
    return total, [user_of(employee, names, base) for employee in employees]


async def list_groups(
    session: AsyncSession, search: Search, base: str, *, alone: bool = True
) -> Found:
    """The groups of the page, and how many match."""
    slice_ = _slice(search, Group, GROUPS, alone=alone)
    total, departments = await find_departments(session, slice_)
    groups: list[Resource[Any]] = [
        group_of(department, await ids_of_members(session, department.id), base)
        for department in departments
    ]
    return total, groups


async def list_all(session: AsyncSession, search: Search, base: str) -> Found:
    """Users, then groups, as one list."""
    users, found = await list_users(session, search, base, alone=False)
    start, count = _page(search)
    rest = search.model_copy(
        update={"start_index": max(1, start + 1 - users), "count": max(0, count - len(found))}
    )
    groups, more = await list_groups(session, rest, base, alone=False)
    return users + groups, [*found, *more]


def listed(found: Found, search: Search, kind: Any) -> ScimAnswer:
    """The answer to a search."""
    total, resources = found
    start, _ = _page(search)
    page = ListResponse[kind](
        total_results=total,
        start_index=start + 1,
        items_per_page=len(resources),
        resources=resources,
    )
    return answer(page, search, context=Context.SEARCH_RESPONSE)


def described(resources: list[Any], request: Request, kind: Any) -> ScimAnswer:
    """A list of what the service says of itself; it is not to be filtered (section 4)."""
    if "filter" in request.query_params:
        raise NotScim("nothing is filtered here", None, 403)
    page = ListResponse[kind](
        total_results=len(resources),
        start_index=1,
        items_per_page=len(resources),
        resources=resources,
    )
    return answer(page)


def _page(search: Search) -> tuple[int, int]:
    """Offset and limit; what is below the least is taken for the least (section 3.4.2.4)."""
    count = _DEFAULT_COUNT if search.count is None else search.count
    start = min(max(1, search.start_index or 1), _START_MAX)
    return start - 1, min(max(0, count), RESULTS_MAX)


def _slice(search: Search, model: type[Resource[Any]], table: Table, *, alone: bool) -> Slice:
    matching = condition_of(search.filter, model, table, alone=alone)
    offset, limit = _page(search)
    return Slice(matching, _order(search, table, alone=alone), offset, limit)


def _order(search: Search, table: Table, *, alone: bool) -> list[Any]:
    """Who lacks the attribute comes last, or first in descending order (section 3.4.2.3)."""
    path: Path[Any] | None = search.sort_by
    if path is None:
        return []
    attribute = table.attribute(str(path).rpartition(":")[2].lower())
    if attribute is None and not alone:
        return []
    if attribute is None or attribute.many:
        raise NotScim(f"{path}: nothing can be ordered by it", "invalidPath")
    column = attribute.ordered()
    if search.sort_order == SearchRequest.SortOrder.descending:
        return [column.desc().nulls_first()]
    return [column.asc().nulls_last()]
