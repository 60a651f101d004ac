"""`/requests` over HTTP: clients ask, support answers."""

from services.clients.tests.world import Json, World, a_provider

from florin_chassis.ids import new_id
from florin_contracts.clients import RequestAnswered, RequestOpened
from florin_contracts.permissions import Permission

SUPPORT = (Permission.SUPPORT_READ, Permission.SUPPORT_HANDLE)


def question(world: World, **changes: str) -> Json:
    return {
        "client_id": str(world.client_id),
        "provider_id": str(world.provider.id),
        "subject": "My site is down",
        "text": "Since this morning.\nPlease help.",
    } | changes


async def asked(world: World) -> Json:
    answer = await world.clients.http.post("/requests", json=question(world), headers=world.owner)
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


async def test_an_opened_request_holds_the_question_and_states_no_text(world: World) -> None:
    request = await asked(world)
    (message,) = request["messages"]
    assert (message["side"], message["text"]) == ("client", "Since this morning.\nPlease help.")
    assert request["status"] == "open"
    (event,) = await world.clients.stated(RequestOpened)
    assert event["data"] == {name: request[name] for name in request if name != "messages"}
    assert event["envelope"]["actor"] == f"user/{message['author_id']}"
    assert "this morning" not in str(await world.clients.stated())


async def test_support_answers_and_the_client_reads_it(world: World) -> None:
    request = await asked(world)
    support = world.employee_of(world.provider.id, *SUPPORT)
    path = f"/requests/{request['id']}"
    answer = await world.clients.http.post(
        f"{path}/answers", json={"text": "It is up again."}, headers=support
    )
    assert answer.status_code == 201, answer.text
    assert answer.headers["ETag"] == '"2"'
    assert await world.read(path) == answer.json()
    assert answer.json()["status"] == "answered"
    sides = [(message["side"], message["text"]) for message in answer.json()["messages"]]
    assert sides[1:] == [("support", "It is up again.")]
    (event,) = await world.clients.stated(RequestAnswered)
    assert event["data"]["status"] == "answered"


async def test_support_may_answer_again(world: World) -> None:
    request = await asked(world)
    support = world.employee_of(world.provider.id, *SUPPORT)
    path = f"/requests/{request['id']}"
    for text in ("We look into it.", "It is up again."):
        await world.clients.http.post(f"{path}/answers", json={"text": text}, headers=support)
    texts = [message["text"] for message in (await world.read(path))["messages"][1:]]
    assert texts == ["We look into it.", "It is up again."]


async def test_an_answer_to_an_older_version_is_refused(world: World) -> None:
    request = await asked(world)
    support = world.employee_of(world.provider.id, *SUPPORT) | {"If-Match": '"1"'}
    path = f"/requests/{request['id']}/answers"
    answers = [
        await world.clients.http.post(path, json={"text": "Done."}, headers=support)
        for _ in range(2)
    ]
    assert [answer.status_code for answer in answers] == [201, 412]
    assert len((await world.read(f"/requests/{request['id']}"))["messages"]) == 2


async def test_an_impersonated_client_s_message_names_both(world: World) -> None:
    employee_id, client = str(new_id()), f"client/{world.client_id}"
    headers = world.clients.signed_in(
        Permission.SUPPORT_REQUEST,
        reach={"client": [world.client_id]},
        act={"sub": employee_id},
        onbehalfof=client,
        reason="asked by telephone",
    )
    answer = await world.clients.http.post("/requests", json=question(world), headers=headers)
    (message,) = answer.json()["messages"]
    assert (message["author_id"], message["on_behalf_of"]) == (employee_id, client)
    (event,) = await world.clients.stated(RequestOpened)
    assert event["envelope"]["actor"] == f"user/{employee_id}"
    assert event["envelope"]["onbehalfof"] == client


async def test_a_client_asks_only_a_provider_it_is_a_client_of(world: World) -> None:
    foreign = question(world, provider_id=str(a_provider().id))
    answer = await world.clients.http.post("/requests", json=foreign, headers=world.owner)
    assert (answer.status_code, answer.json()["code"]) == (409, "not_a_client_of_provider")


async def test_nobody_asks_for_another_client_or_at_another_provider(world: World) -> None:
    http, stranger = world.clients.http, world.owner_of(new_id())
    answer = await http.post("/requests", json=question(world), headers=stranger)
    assert answer.status_code == 404
    employee = world.employee_of(world.provider.id, Permission.SUPPORT_REQUEST)
    foreign = question(world, provider_id=str(new_id()))
    assert (await http.post("/requests", json=foreign, headers=employee)).status_code == 404


async def test_a_request_of_another_provider_does_not_exist(world: World) -> None:
    request = await asked(world)
    foreign = world.employee_of(new_id(), *SUPPORT)
    http, path = world.clients.http, f"/requests/{request['id']}"
    assert (await http.get(path, headers=foreign)).status_code == 404
    answer = await http.post(f"{path}/answers", json={"text": "Hello."}, headers=foreign)
    assert answer.status_code == 404
    assert (await http.get("/requests", headers=foreign)).json()["data"] == []


async def test_a_client_does_not_answer_itself(world: World) -> None:
    request = await asked(world)
    answer = await world.clients.http.post(
        f"/requests/{request['id']}/answers", json={"text": "Hello."}, headers=world.owner
    )
    assert answer.status_code == 403


async def test_a_list_holds_requests_without_messages(world: World) -> None:
    request = await asked(world)
    (summary,) = (await world.read(f"/requests?client_id={world.client_id}"))["data"]
    assert summary == {name: request[name] for name in request if name != "messages"}


async def test_text_that_cannot_be_shown_is_refused_by_its_field(world: World) -> None:
    for field, text in (("text", "\x00"), ("subject", "two\nlines"), ("subject", "  ")):
        body = question(world, **{field: text})
        answer = await world.clients.http.post("/requests", json=body, headers=world.owner)
        assert answer.status_code == 422
        assert [error["field"] for error in answer.json()["errors"]] == [field]
