"""A company's link and a provider's rules agree, whichever of two that meet comes first."""

from typing import Any

import pytest
from httpx import Response
from services.providers.tests.at_once import Ask, one_behind_the_other
from services.providers.tests.making import administrator, company, provider

from florin_chassis.testing.harness import Harness
from florin_contracts.providers import CompanyLinksChanged, ServiceConditionsChanged


class Meeting:
    """A provider, a company that is linked to it, and what may be asked of the two."""

    def __init__(self, providers: Harness, seller: str, served_by: str) -> None:
        self.providers, self.seller, self.served_by = providers, seller, served_by
        self.link = f"/companies/{served_by}/providers/{seller}"

    @classmethod
    async def begin(cls, providers: Harness, *, linked: bool = True, named: bool = False) -> Any:
        seller = (await provider(providers))["id"]
        elsewhere = (await provider(providers, slug="elsewhere"))["id"]
        served_by = (await company(providers, seller if linked else elsewhere))["id"]
        meeting = cls(providers, seller, served_by)
        if named:
            assert (await meeting.name()).status_code == 200
        return meeting

    def ask(self, method: str, path: str, body: Any = None) -> Ask:
        headers = administrator(self.providers)
        return lambda: self.providers.http.request(method, path, json=body, headers=headers)

    @property
    def name(self) -> Ask:
        """Have the rules name the company."""
        rules = {"conditions": [{"company_id": self.served_by}]}
        return self.ask("PUT", f"/providers/{self.seller}/service-conditions", rules)

    @property
    def suspend(self) -> Ask:
        return self.ask("POST", f"{self.link}/suspend")

    @property
    def resume(self) -> Ask:
        return self.ask("POST", f"{self.link}/resume")

    @property
    def add(self) -> Ask:
        return self.ask("PUT", self.link, {})

    @property
    def end(self) -> Ask:
        return self.ask("DELETE", self.link)

    async def together(self, *asks: Ask) -> list[Response]:
        return await one_behind_the_other(self.providers, "providers", self.seller, *asks)

    async def agree(self) -> tuple[str, list[bool]]:
        """How the company is linked, and which of the rules rest: that both say the same."""
        stated = await self.providers.http.get(
            f"/companies/{self.served_by}", headers=administrator(self.providers)
        )
        rules = await self.providers.http.get(
            f"/providers/{self.seller}", headers=administrator(self.providers)
        )
        serves = self.seller in stated.json()["provider_ids"]
        rests = self.seller in stated.json()["suspended_provider_ids"]
        assert not (serves and rests)
        resting = [rule["suspended"] for rule in rules.json()["conditions"]]
        assert all(one is rests for one in resting), "rules rest exactly while the link does"
        assert not resting or serves or rests, "no rule names a company that is not linked"
        return ("serves" if serves else "rests" if rests else "none"), resting


@pytest.mark.parametrize("first", ["suspend", "name"])
async def test_rules_that_name_a_company_as_its_link_is_suspended_match_nobody(
    providers: Harness, first: str
) -> None:
    meeting = await Meeting.begin(providers)
    order = (meeting.suspend, meeting.name)
    answers = await meeting.together(*(order if first == "suspend" else reversed(order)))
    assert {answer.status_code for answer in answers} == {200}
    assert await meeting.agree() == ("rests", [True])


@pytest.mark.parametrize("first", ["resume", "name"])
async def test_rules_that_name_a_company_as_its_link_is_resumed_match_again(
    providers: Harness, first: str
) -> None:
    meeting = await Meeting.begin(providers, named=True)
    assert (await meeting.suspend()).status_code == 200
    order = (meeting.resume, meeting.name)
    answers = await meeting.together(*(order if first == "resume" else reversed(order)))
    assert {answer.status_code for answer in answers} == {200}
    assert await meeting.agree() == ("serves", [False])


@pytest.mark.parametrize(("first", "codes"), [("add", [200, 200]), ("name", [409, 200])])
async def test_rules_name_a_company_only_once_it_is_linked(
    providers: Harness, first: str, codes: list[int]
) -> None:
    meeting = await Meeting.begin(providers, linked=False)
    order = (meeting.add, meeting.name)
    answers = await meeting.together(*(order if first == "add" else reversed(order)))
    assert [answer.status_code for answer in answers] == codes
    assert await meeting.agree() == ("serves", [False] if first == "add" else [])


@pytest.mark.parametrize("first", ["end", "name"])
async def test_of_a_link_that_ends_and_a_rule_that_names_it_exactly_the_first_is_done(
    providers: Harness, first: str
) -> None:
    meeting = await Meeting.begin(providers)
    order = (meeting.end, meeting.name)
    _, second = await meeting.together(*(order if first == "end" else reversed(order)))
    refused = "company_does_not_serve_provider" if first == "end" else "company_in_use"
    assert (second.status_code, second.json()["code"]) == (409, refused)
    assert await meeting.agree() == (("none", []) if first == "end" else ("serves", [False]))


@pytest.mark.parametrize("last", ["suspend", "resume"])
async def test_of_a_link_that_is_suspended_and_resumed_at_once_the_last_counts(
    providers: Harness, last: str
) -> None:
    meeting = await Meeting.begin(providers, named=True)
    order = (meeting.resume, meeting.suspend)
    answers = await meeting.together(*(order if last == "suspend" else reversed(order)))
    assert {answer.status_code for answer in answers} == {200}
    expected = ("rests", [True]) if last == "suspend" else ("serves", [False])
    assert await meeting.agree() == expected


async def test_a_link_that_is_suspended_five_times_at_once_is_suspended_once(
    providers: Harness,
) -> None:
    meeting = await Meeting.begin(providers, named=True)
    answers = await meeting.together(*[meeting.suspend] * 5)
    assert {answer.status_code for answer in answers} == {200}
    assert await meeting.agree() == ("rests", [True])
    assert len(await providers.stated(CompanyLinksChanged)) == 1
    assert len(await providers.stated(ServiceConditionsChanged)) == 2
