"""A thin HTTP client of the gateway that uses what the API promises: keys, positions, patience."""

import time
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Self
from uuid import UUID, uuid4

import httpx

from florin_local.demo.checks import DoesNotHold

Json = dict[str, Any]

POSITION = "Florin-Position"
STALE = "Florin-Stale"

_POSITIONS_MAX = 16
_PATIENCE_S = 60
_PAUSE_S = 0.2
_REQUEST_TIMEOUT_S = 20
_TOKEN_MARGIN_S = 30
_PASSING = {httpx.codes.BAD_GATEWAY, httpx.codes.SERVICE_UNAVAILABLE, httpx.codes.GATEWAY_TIMEOUT}


@dataclass(frozen=True)
class Answer:
    """What came back: the status, and the JSON body."""

    status: int
    body: Any


class Gateway:
    """The gateway as one storyteller meets it, who remembers what was written and in whose name.

    A write carries an idempotency key, so it is tried again under the same key while a part of the
    system is away, and happens once. The positions of the writes go along with every later
    request, which is then answered by services that know of them. `ids` are all the ids that
    answers have named: the aggregates of this story.
    """

    def __init__(self, url: str, *, patience_s: float = _PATIENCE_S) -> None:
        self.url = url
        self.ids: set[UUID] = set()
        self._http = httpx.Client(base_url=url, timeout=_REQUEST_TIMEOUT_S, trust_env=False)
        self._patience_s = patience_s
        self._positions: dict[str, str] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._http.close()

    def ask(
        self,
        method: str,
        path: str,
        *,
        token: str | None = None,
        body: Any = None,
        query: Mapping[str, str] | None = None,
    ) -> Answer:
        """The gateway's final answer; raises `DoesNotHold` when there is none in time."""
        return self._asked(self._http.build_request(method, path, json=body, params=query), token)

    def token_for(self, form: Mapping[str, str]) -> Answer:
        """What `POST /oauth2/token` answers to this form."""
        return self._asked(self._http.build_request("POST", "/oauth2/token", data=form), None)

    def _asked(self, request: httpx.Request, token: str | None) -> Answer:
        if token:
            request.headers["Authorization"] = f"Bearer {token}"
        if request.method != "GET":
            request.headers["Idempotency-Key"] = str(uuid4())
        response = self._answered(request)
        self._remember(response)
        answer = Answer(response.status_code, response.json())
        if response.is_success:
            self.ids.update(_ids(answer.body))
        return answer

    def _answered(self, request: httpx.Request) -> httpx.Response:
        deadline = time.monotonic() + self._patience_s
        while True:
            if self._positions:
                request.headers[POSITION] = self._position()
            try:
                response = self._http.send(request)
            except httpx.TransportError as error:
                came = repr(error)
            else:
                if _final(response):
                    return response
                came = f"{response.status_code} {response.text}"
                _renew_key(request, response)
            if time.monotonic() > deadline:
                what = f"{request.method} {request.url.path} within {self._patience_s:.0f} s"
                raise DoesNotHold(what, expected="an answer", came=came)
            time.sleep(_PAUSE_S)

    def _position(self) -> str:
        return ",".join(f"{topic}/{event_id}" for topic, event_id in self._positions.items())

    def _remember(self, response: httpx.Response) -> None:
        """Keep the newest event of each topic, and no more topics than a header may name."""
        for part in filter(None, response.headers.get(POSITION, "").split(",")):
            topic, _, event_id = part.strip().rpartition("/")
            self._positions.pop(topic, None)
            self._positions[topic] = event_id
        while len(self._positions) > _POSITIONS_MAX:
            self._positions.pop(next(iter(self._positions)))


class Person:
    """Somebody signed in at the gateway, who signs in again before the token ends."""

    def __init__(self, gateway: Gateway, email: str, password: str) -> None:
        self.email, self.password = email, password
        self._gateway = gateway
        self._token, self._renew_at = "", 0.0

    @classmethod
    def by_token(cls, gateway: Gateway, token: str, seconds: int) -> Self:
        """Somebody who has a token already and no password, such as an impersonator."""
        person = cls(gateway, "", "")
        person._token, person._renew_at = token, time.monotonic() + seconds
        return person

    def sign_in(self) -> Json:
        """Sign in; the session, which holds the token."""
        credentials = {"email": self.email, "password": self.password}
        session: Json = _wanted(
            self._gateway.ask("POST", "/sessions", body=credentials), 201, "sign-in"
        )
        self._token = session["access_token"]
        self._renew_at = time.monotonic() + session["expires_in"] - _TOKEN_MARGIN_S
        return session

    def token(self) -> str:
        """A token that is valid for a while yet."""
        if time.monotonic() > self._renew_at:
            self.sign_in()
        return self._token

    def act_as(self, client_id: str, reason: str) -> Json:
        """A token with the client's rights, for an employee."""
        return _wanted(self.try_to_act_as(client_id, reason), 200, "acting as the client")  # type: ignore[no-any-return]

    def try_to_act_as(self, client_id: str, reason: str) -> Answer:
        """By token exchange. Source: RFC 8693, section 2.1."""
        return self._gateway.token_for(
            {
                "grant_type": "urn:ietf:params:oauth:grant-type:token-exchange",
                "subject_token": self.token(),
                "subject_token_type": "urn:ietf:params:oauth:token-type:access_token",
                "requested_subject": client_id,
                "reason": reason,
            }
        )

    def get(self, path: str, status: int = 200, /, **query: str) -> Any:
        """The body of the answer, which must have this status."""
        answer = self._gateway.ask("GET", path, token=self.token(), query=query)
        return _wanted(answer, status, f"GET {path}")

    def list(self, path: str, /, **query: str) -> list[Json]:
        """The first page of a list; the story makes none longer."""
        return list(self.get(path, **query)["data"])

    def post(self, path: str, body: Mapping[str, Any], status: int = 201) -> Json:
        """The body of the answer, which must have this status."""
        return self._write("POST", path, body, status)

    def put(self, path: str, body: Mapping[str, Any], status: int = 200) -> Json:
        """The body of the answer, which must have this status."""
        return self._write("PUT", path, body, status)

    def _write(self, method: str, path: str, body: Mapping[str, Any], status: int) -> Json:
        answer = self._gateway.ask(method, path, token=self.token(), body=body)
        made: Json = _wanted(answer, status, f"{method} {path}")
        return made


def _wanted(answer: Answer, status: int, what: str) -> Any:
    if answer.status != status:
        raise DoesNotHold(what, expected=status, came=f"{answer.status} {answer.body}")
    return answer.body


def _final(response: httpx.Response) -> bool:
    """Whether to take the answer, or to ask again."""
    return not (
        response.status_code in _PASSING
        or "Retry-After" in response.headers
        or _refused_too_early(response)
    )


def _refused_too_early(response: httpx.Response) -> bool:
    """Whether a service refused before it had heard of our earlier writes."""
    return response.is_client_error and STALE in response.headers


def _renew_key(request: httpx.Request, response: httpx.Response) -> None:
    """A refusal is kept under its key; what was refused too early is asked as a new request."""
    if _refused_too_early(response) and request.method != "GET":
        request.headers["Idempotency-Key"] = str(uuid4())


def _ids(body: Any) -> Iterator[UUID]:
    """All ids that an answer names, at any depth; a passkey's and its site's are no UUIDs."""
    if isinstance(body, list):
        for item in body:
            yield from _ids(item)
    elif isinstance(body, dict):
        for name, value in body.items():
            if isinstance(value, str) and (name == "id" or name.endswith("_id")):
                with suppress(ValueError):
                    yield UUID(value)
            else:
                yield from _ids(value)
