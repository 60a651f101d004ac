"""Filters, orders and pages: what SQL finds is what the library's own evaluator finds."""

from typing import Any
from urllib.parse import quote

import pytest
from scim2_models import ScimFilter, SearchRequest
from services.providers.tests.provisioning import (
    GROUPS,
    USERS,
    ask,
    group,
    provisioned,
    refusal,
    user,
)

from florin_chassis.testing.harness import Harness
from florin_providers.api.scim.listing import FILTER_LENGTH_MAX
from florin_providers.api.scim.resources import POLICY, Group, User

PEOPLE: list[dict[str, Any]] = [
    user("ada@n-1.example", externalId="S-1", name={"givenName": "Ada", "familyName": "L"}),
    user("BOB", emails=[{"value": "bob@n-2.example"}], displayName="100% Bob_", active=False),
    user("eve@n-2.example", externalId="s-1", name={"formatted": "Eve"}, displayName="Ève"),
    user("zoe", emails=[{"value": "zoe@n-1.example"}], displayName="zoe"),
]
OF_USERS = [
    'userName eq "ADA@n-1.EXAMPLE"',
    'userName ne "bob"',
    "userName eq null or externalId eq null",
    'externalId eq "S-1"',
    'externalId ne "S-1"',
    "externalId pr",
    "not (externalId pr)",
    'not (externalId eq "S-1")',
    "externalId ne null and not (name pr)",
    'displayName co "%"',
    'displayName co "_"',
    'displayName sw "100%"',
    'displayName ew "OB_"',
    'name.givenName eq "ada" or name.formatted eq "EVE"',
    'name.familyName gt "a" and name.familyName lt "z"',
    'not (name.familyName ge "a")',
    "active eq true",
    "active ne true",
    "active eq false and (userName pr)",
    'emails co "N-1.example"',
    'emails.value ew "n-2.example"',
    'emails[type eq "work" and value co "bob"]',
    'emails[type eq "home"]',
    'groups.display eq "even"',
    'groups[display sw "e"]',
    "groups pr",
    "not (groups pr)",
    'groups.display ne "even"',
    'urn:ietf:params:scim:schemas:core:2.0:User:userName sw "e"',
    'meta.resourceType eq "User"',
    'userName sw "a" or userName sw "z" and active eq false',
    'id eq "nobody"',
    'id pr and id ne "nobody"',
]
OF_GROUPS = [
    'displayName eq "EVEN"',
    'displayName co "o" and not (members pr)',
    "members pr",
    'externalId sw "G"',
    'members.type eq "User"',
]


async def directory(providers: Harness) -> tuple[list[User], list[Group]]:
    """Two groups, every second person in one of them; as the service shows them."""
    ids = [(await provisioned(providers, USERS, person))["id"] for person in PEOPLE]
    await provisioned(providers, GROUPS, group("even", *ids[::2], externalId="G-1"))
    await provisioned(providers, GROUPS, group("odd"))
    shown = [(await ask(providers, "GET", path)).json()["Resources"] for path in (USERS, GROUPS)]
    with POLICY:
        users = [User.model_validate(found) for found in shown[0]]
        return users, [Group.model_validate(found) for found in shown[1]]


async def found(providers: Harness, path: str, filter_: str) -> list[str]:
    answer = await ask(providers, "GET", f"{path}?filter={quote(filter_)}")
    assert answer.status_code == 200, f"{filter_}: {answer.text}"
    return [resource["id"] for resource in answer.json()["Resources"]]


async def test_the_database_finds_what_the_librarys_evaluator_finds(providers: Harness) -> None:
    users, groups = await directory(providers)
    of_ids = [f'id eq "{users[0].id}"', f'id sw "{str(users[0].id)[:4]}"']
    of_members = [f'members eq "{users[0].id}"', f'members[value eq "{users[1].id}"]']
    for filter_ in OF_USERS + of_ids:
        expected = [u.id for u in users if ScimFilter[User](filter_).match(u)]
        assert await found(providers, USERS, filter_) == expected, filter_
    for filter_ in OF_GROUPS + of_members:
        matching = [g.id for g in groups if ScimFilter[Group](filter_).match(g)]
        assert await found(providers, GROUPS, filter_) == matching, filter_


async def test_people_are_ordered_as_the_library_orders_them(providers: Harness) -> None:
    users, _ = await directory(providers)
    for by in ("userName", "externalId", "name.givenName", "emails.value"):
        for order in ("ascending", "descending"):
            search = SearchRequest[User].model_validate({"sortBy": by, "sortOrder": order})
            expected = [u.id for u in search.sort(users)]
            answer = await ask(providers, "GET", f"{USERS}?sortBy={by}&sortOrder={order}")
            assert answer.status_code == 200, answer.text
            ids = [resource["id"] for resource in answer.json()["Resources"]]
            assert ids == expected, (by, order)


async def test_a_page_says_how_many_there_are_and_which_it_has(providers: Harness) -> None:
    users, _ = await directory(providers)
    pages = {
        "startIndex=2&count=2": (2, 2, [users[1].id, users[2].id]),
        "startIndex=0&count=1": (1, 1, [users[0].id]),
        "startIndex=5": (5, 0, []),
        "count=0": (1, 0, []),
        "count=-1": (1, 0, []),
        "startIndex=4&count=9": (4, 1, [users[3].id]),
    }
    for query, (start, count, ids) in pages.items():
        said = (await ask(providers, "GET", f"{USERS}?{query}")).json()
        assert said["totalResults"] == len(users)
        assert (said["startIndex"], said["itemsPerPage"]) == (start, count)
        assert [resource["id"] for resource in said["Resources"]] == ids


async def test_only_the_attributes_that_are_asked_for_are_answered(providers: Harness) -> None:
    users, _ = await directory(providers)
    path = f"{USERS}/{users[0].id}"
    few = (await ask(providers, "GET", f"{path}?attributes=userName,emails.value")).json()
    assert few.keys() == {"schemas", "id", "userName", "emails"}
    assert few["emails"] == [{"value": "ada@n-1.example"}]
    others = (await ask(providers, "GET", f"{path}?excludedAttributes=emails,name,groups")).json()
    assert not {"emails", "name", "groups"} & others.keys()
    both = await ask(providers, "GET", f"{path}?attributes=name&excludedAttributes=emails")
    assert refusal(both) == (400, "invalidValue")


@pytest.mark.parametrize(
    ("query", "kind"),
    [
        ("filter=" + quote('userName equals "x"'), "invalidFilter"),
        ("filter=" + quote('userName eq "x'), "invalidFilter"),
        ("filter=" + quote('nickName eq "x"'), "invalidFilter"),
        ("filter=" + quote('meta.lastModified gt "2026-01-01T00:00:00Z"'), "invalidFilter"),
        ("filter=" + quote("active gt true"), "invalidFilter"),
        ("filter=" + quote('active eq "perhaps"'), "invalidFilter"),
        ("filter=" + quote("userName eq 7"), "invalidFilter"),
        ("filter=" + quote('userName eq "\\u0000"'), "invalidFilter"),
        ("filter=" + quote("(" * 900 + "id pr" + ")" * 900), None),
        ("filter=" + "x" * (FILTER_LENGTH_MAX + 1), "invalidFilter"),
        ("sortBy=nickName", "invalidPath"),
        ("sortBy=groups.display", "invalidPath"),
        ("count=many", "invalidValue"),
        ("startIndex=1.5", "invalidValue"),
        ("startIndex=99999999999999999999", None),
        ("sortOrder=sideways", "invalidValue"),
    ],
)
async def test_a_search_that_cannot_be_answered_is_refused_in_scims_words(
    providers: Harness, query: str, kind: str | None
) -> None:
    answer = await ask(providers, "GET", f"{USERS}?{query}")
    if kind is None:
        assert answer.status_code in {200, 400}, answer.text
    else:
        assert refusal(answer) == (400, kind), answer.text
