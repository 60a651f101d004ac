"""`/providers/{id}/icon` over HTTP."""

from httpx import Response
from services.providers.tests.making import NOBODY, administrator, employee_of, provider
from services.providers.tests.pictures import picture

from florin_chassis.testing.harness import Harness
from florin_contracts.providers import ProviderChanged


async def put(providers: Harness, id_: str, sent: bytes) -> Response:
    headers = administrator(providers) | {"Content-Type": "image/png"}
    return await providers.http.put(f"/providers/{id_}/icon", content=sent, headers=headers)


async def test_an_icon_is_stated_by_its_digest_and_shown_by_its_path(providers: Harness) -> None:
    seller = (await provider(providers))["id"]
    answer = await put(providers, seller, picture())
    assert answer.status_code == 200, answer.text
    icon = answer.json()["icon"]
    (event,) = await providers.stated(ProviderChanged)
    assert event["data"]["icon"] == icon == {"sha256": icon["sha256"], "path": icon["path"]}
    client = providers.signed_in("catalogue:read", reach={"client": [NOBODY]})
    shown = await providers.http.get(icon["path"], headers=client)
    assert (shown.status_code, shown.headers["Content-Type"]) == (200, "image/png")
    assert shown.headers["X-Content-Type-Options"] == "nosniff"
    assert shown.headers["ETag"] == f'"{icon["sha256"]}"'
    known = client | {"If-None-Match": shown.headers["ETag"]}
    assert (await providers.http.get(icon["path"], headers=known)).status_code == 304


async def test_another_icon_takes_the_place_of_the_first_and_goes(providers: Harness) -> None:
    seller = (await provider(providers))["id"]
    first = (await put(providers, seller, picture())).json()["icon"]
    second = (await put(providers, seller, picture("WEBP"))).json()["icon"]
    assert first["sha256"] != second["sha256"]
    headers = administrator(providers)
    shown = await providers.http.get(second["path"], headers=headers)
    assert shown.headers["Content-Type"] == "image/webp"
    gone = await providers.http.delete(second["path"], headers=headers)
    assert gone.status_code == 204
    assert (await providers.http.get(second["path"], headers=headers)).status_code == 404
    read = await providers.http.get(f"/providers/{seller}", headers=headers)
    assert read.json()["icon"] is None


async def test_what_is_no_picture_is_refused_and_changes_nothing(providers: Harness) -> None:
    seller = (await provider(providers))["id"]
    answer = await put(providers, seller, b"<svg/>")
    assert (answer.status_code, answer.json()["code"]) == (422, "no_picture")
    assert await providers.stated(ProviderChanged) == []


async def test_nobody_shows_an_icon_for_another_s_provider(providers: Harness) -> None:
    seller = (await provider(providers))["id"]
    path = f"/providers/{seller}/icon"
    foreign = employee_of(providers, NOBODY)
    answers = [
        await providers.http.put(path, content=picture(), headers=foreign),
        await providers.http.delete(path, headers=foreign),
        await providers.http.get(path, headers=foreign),
    ]
    assert [answer.status_code for answer in answers] == [404, 404, 404]
