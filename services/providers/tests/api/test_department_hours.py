"""When departments work, what they are called in which language, and whom they are shown to."""

from typing import Any

import pytest
from babel.localedata import locale_identifiers
from services.providers.tests.making import administrator, department, employee_of, provider

from florin_chassis.ids import new_id
from florin_chassis.testing.harness import Harness
from florin_contracts.identity import UserInvited, UserKind, UserStatus
from florin_contracts.providers import DepartmentChanged, DepartmentCreated

Headers = dict[str, str]
HOURS = {
    "time_zone": "Europe/Moscow",
    "weekly": {"monday": [{"opens": "09:00", "closes": "18:00"}]},
    "closed_on": ["2027-01-04"],
}
SHOWN: dict[str, Any] = {
    "names": {"ru": "Техническая поддержка", "de": "Technischer Kundendienst"},
    "business_hours": HOURS,
    "shown_in_support": True,
}
MONDAY = "2026-11-30T12:00:00+03:00"


def client_of(providers: Harness) -> Headers:
    reach = {"client": ["01900000-0000-7000-8000-00000000c11e"]}
    return providers.signed_in("support:read", reach=reach)


async def in_support(
    providers: Harness, headers: Headers | None = None, **query: str
) -> list[dict[str, Any]]:
    asking = headers or client_of(providers)
    answer = await providers.http.get("/support-departments", params=query, headers=asking)
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["data"]
    return found


async def change(providers: Harness, department_id: str, **changes: Any) -> Any:
    path = f"/departments/{department_id}"
    return await providers.http.patch(path, json=changes, headers=administrator(providers))


async def test_names_hours_and_whether_it_is_shown_are_stated(providers: Harness) -> None:
    made = await department(providers, **SHOWN)
    (event,) = await providers.stated(DepartmentCreated)
    assert SHOWN.items() <= event["data"].items()
    assert event["data"] == made
    answer = await change(providers, made["id"], business_hours=None, names={})
    (event,) = await providers.stated(DepartmentChanged)
    assert (event["data"]["business_hours"], event["data"]["names"]) == (None, {})
    assert answer.json()["shown_in_support"] is True


async def test_what_is_not_said_of_hours_stays(providers: Harness) -> None:
    made = await department(providers, **SHOWN)
    answer = await change(providers, made["id"], name="Help desk", names=None)
    assert SHOWN.items() <= answer.json().items()


async def test_the_same_hours_again_are_no_change(providers: Harness) -> None:
    made = await department(providers, **SHOWN)
    answer = await change(providers, made["id"], **SHOWN)
    assert answer.headers["ETag"] == '"1"'


async def test_hours_are_in_the_history(providers: Harness) -> None:
    made = await department(providers, **SHOWN)
    await change(providers, made["id"], business_hours=None)
    path = f"/departments/{made['id']}/history"
    told = (await providers.http.get(path, headers=administrator(providers))).json()["data"]
    assert [difference["path"] for difference in told[0]["differences"]] == ["/business_hours"]


async def test_a_department_says_whether_it_is_open_and_when_it_opens_next(
    providers: Harness,
) -> None:
    made = await department(providers, business_hours=HOURS)
    path = f"/departments/{made['id']}/opening"
    headers = administrator(providers)
    answer = await providers.http.get(path, params={"at": MONDAY}, headers=headers)
    assert answer.json() == {
        "at": "2026-11-30T09:00:00Z",
        "open": True,
        "closes_at": "2026-11-30T15:00:00Z",
        "opens_next": "2026-12-07T06:00:00Z",
    }


async def test_a_client_sees_the_departments_that_are_shown_and_no_others(
    providers: Harness,
) -> None:
    shown = await department(providers, **SHOWN)
    gone = await department(providers, name="Gone", shown_in_support=True)
    await department(providers, name="Hidden")
    await providers.http.delete(f"/departments/{gone['id']}", headers=administrator(providers))
    (seen,) = await in_support(providers, at=MONDAY)
    assert set(seen) == {"id", "name", "locale", "business_hours", "opening"}
    assert (seen["id"], seen["opening"]["open"]) == (shown["id"], True)


async def test_to_a_client_a_department_that_is_not_shown_is_not_there(providers: Harness) -> None:
    hidden = await department(providers)
    client = providers.signed_in("staff:read", reach={"client": [hidden["id"]]})
    path = f"/departments/{hidden['id']}"
    assert (await providers.http.get(path, headers=client)).status_code == 404
    assert (await providers.http.get("/departments", headers=client)).json()["data"] == []


async def test_staff_in_support_see_what_clients_see(providers: Harness) -> None:
    await department(providers, name="Hidden")
    shown = await department(providers, **SHOWN)
    staff = employee_of(providers, (await provider(providers))["id"])
    assert [one["id"] for one in await in_support(providers, staff)] == [shown["id"]]


@pytest.mark.parametrize(
    ("accepted", "locale", "name", "said"),
    [
        ("ru-RU, en;q=0.5", None, "Техническая поддержка", "ru"),
        ("fr, de;q=0.2", None, "Technischer Kundendienst", "de"),
        ("fr", None, "technical support", None),
        (None, None, "technical support", None),
        ("ru", "de-AT", "Technischer Kundendienst", "de"),
        ("ru", "fr", "technical support", None),
        (";;q=,,\t*", None, "technical support", None),
    ],
)
async def test_a_reader_gets_the_name_in_its_language_and_else_the_default(
    providers: Harness, accepted: str | None, locale: str | None, name: str, said: str | None
) -> None:
    await department(providers, **SHOWN)
    headers = client_of(providers) | ({"Accept-Language": accepted} if accepted else {})
    (seen,) = await in_support(providers, headers, **({"locale": locale} if locale else {}))
    assert (seen["name"], seen["locale"]) == (name, said)


async def test_departments_of_an_installation_are_shown_and_always_open(
    providers: Harness,
) -> None:
    administrator_login = UserInvited(
        id=new_id(),
        name="Ada",
        email="ada@n-1.example",
        kind=UserKind.EMPLOYEE,
        status=UserStatus.INVITED,
        administrator=True,
        client_id=None,
    )
    await providers.deliver(administrator_login)
    seen = await in_support(providers)
    assert [one["name"] for one in seen] == ["Sales", "Technical support"]
    assert all(one["opening"]["open"] and one["business_hours"] is None for one in seen)


LANGUAGES = [tag for tag in sorted(locale_identifiers()) if len(tag) == 2][:51]


def week(*times: tuple[str, str]) -> dict[str, Any]:
    return {"monday": [{"opens": opens, "closes": closes} for opens, closes in times]}


@pytest.mark.parametrize(
    ("changes", "field", "reason"),
    [
        ({"names": {"klingon": "x"}}, "names.klingon.[key]", "is no locale"),
        ({"names": {"ru-ru": "x"}}, "names.ru-ru.[key]", "is written ru-RU"),
        ({"names": {"ru": " "}}, "names.ru", "at least 1 character"),
        ({"names": dict.fromkeys(LANGUAGES, "x")}, "names", "at most 50"),
        ({"time_zone": "Europe/Moskva"}, "business_hours.time_zone", "no IANA time zone"),
        ({"weekly": {}}, "business_hours", "null means always open"),
        ({"weekly": {"monday": []}}, "business_hours", "null means always open"),
        ({"weekly": {"noday": []}}, "business_hours.weekly.noday.[key]", "'monday'"),
        (
            {"weekly": week(("18:00", "09:00"))},
            "business_hours.weekly.monday.0",
            "closes is after opens",
        ),
        ({"weekly": week(("9:00", "18:00"))}, "business_hours.weekly.monday.0.opens", "pattern"),
        ({"weekly": week(("09:00", "24:01"))}, "business_hours.weekly.monday.0.closes", "pattern"),
        (
            {"weekly": week(("09:00", "13:00"), ("12:59", "18:00"))},
            "business_hours.weekly.monday",
            "12:59 to 18:00 overlaps or precedes 09:00 to 13:00",
        ),
        (
            {"weekly": week(("13:00", "18:00"), ("09:00", "12:00"))},
            "business_hours.weekly.monday",
            "overlaps or precedes",
        ),
        (
            {"weekly": week(*[(f"{h:02}:00", f"{h:02}:30") for h in range(7)])},
            "business_hours.weekly.monday",
            "at most 6",
        ),
        ({"closed_on": ["2026-02-30"]}, "business_hours.closed_on.0", "valid date"),
        ({"closed_on": ["2026-01-01"] * 2}, "business_hours.closed_on", "only once"),
        ({"shown_in_support": "perhaps"}, "shown_in_support", "boolean"),
    ],
)
async def test_bad_names_and_hours_are_refused_by_field_and_reason(
    providers: Harness, changes: dict[str, Any], field: str, reason: str
) -> None:
    made = await department(providers)
    if not {"names", "shown_in_support"} & set(changes):
        changes = {"business_hours": HOURS | changes}
    answer = await change(providers, made["id"], **changes)
    errors = {error["field"]: error["reason"] for error in answer.json()["errors"]}
    assert answer.status_code == 422
    assert reason in errors[field]
    path = f"/departments/{made['id']}"
    kept = await providers.http.get(path, headers=administrator(providers))
    assert kept.json() == made


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"locale": "klingon"}, "locale"),
        ({"at": "noon"}, "at"),
        ({"at": "9999-06-01T00:00Z"}, "at"),
    ],
)
async def test_a_bad_question_about_support_is_refused_by_field(
    providers: Harness, query: dict[str, str], field: str
) -> None:
    headers = client_of(providers)
    answer = await providers.http.get("/support-departments", params=query, headers=headers)
    assert answer.status_code == 422
    assert [error["field"] for error in answer.json()["errors"]] == [field]


@pytest.mark.parametrize("moment", ["1970-01-01T00:00:00Z", "9998-12-31T23:59:59Z"])
async def test_hours_are_told_of_any_moment_that_may_be_asked_about(
    providers: Harness, moment: str
) -> None:
    all_day = [{"opens": "00:00", "closes": "24:00"}]
    hours = {"time_zone": "Pacific/Kiritimati", "weekly": {"monday": all_day}}
    await department(providers, shown_in_support=True, business_hours=hours)
    (seen,) = await in_support(providers, at=moment)
    assert seen["opening"]["opens_next"]
