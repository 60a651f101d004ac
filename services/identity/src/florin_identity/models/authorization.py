"""What an application asks of a user by way of the browser, once it is known to be well-formed.

Sources: RFC 6749, section 4.1.1; RFC 7636; OpenID Connect Core 1.0, section 3.1.2; RFC 9700.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import ClassVar, Final
from urllib.parse import parse_qsl, urlencode

from florin_chassis.errors import Refusal
from florin_identity.models.application import KnownApplication
from florin_identity.models.redirect_uris import is_registered, with_parameters

OPENID: Final = "openid"
OFFLINE: Final = "offline_access"
SCOPES: Final = (OPENID, "profile", "email", OFFLINE)
PROMPTS: Final = frozenset({"none", "login", "consent", "select_account"})
FRESH: Final = frozenset({"login", "select_account"})
"""What asks for a sign-in even of whoever is signed in."""

TEXT_LENGTH_MAX: Final = 1_000
_PARAMETERS_MAX: Final = 40
_CHALLENGE: Final = re.compile(r"[A-Za-z0-9_-]{43}")
_SECONDS: Final = re.compile(r"[0-9]{1,9}")
_NOT_SUPPORTED: Final = ("request", "request_uri", "registration")


class AuthorizationImpossible(Refusal):
    """It is not known where to send the user back to, so that the user itself is told."""

    status, code = 400, "authorization_impossible"


class AuthorizationRefused(Refusal):
    """The application is told by way of the browser. Source: RFC 6749, section 4.1.2.1."""

    status: ClassVar[int] = 303
    code = "authorization_refused"

    def __init__(self, error: str, detail: str, redirect_uri: str, state: str | None) -> None:
        super().__init__(detail)
        self.error, self.redirect_uri, self.state = error, redirect_uri, state

    def location(self, issuer: str) -> str:
        """Where the browser is sent; `iss` tells whose answer it is (RFC 9207)."""
        said = {"error": self.error, "error_description": self.detail, "state": self.state}
        return with_parameters(self.redirect_uri, {**said, "iss": issuer})


@dataclass(frozen=True, slots=True)
class Parameters:
    """What a query holds: a parameter without a value is as good as none."""

    values: dict[str, str]
    repeated: frozenset[str]

    @classmethod
    def of(cls, query: str) -> "Parameters":
        """Raises `AuthorizationImpossible` for what is no query."""
        try:
            pairs = parse_qsl(query, errors="strict", max_num_fields=_PARAMETERS_MAX)
        except ValueError as error:
            raise AuthorizationImpossible("the address is malformed") from error
        names = [name for name, _ in pairs]
        return cls(dict(pairs), frozenset(name for name in names if names.count(name) > 1))

    def get(self, name: str) -> str | None:
        """The value, if there is one."""
        return self.values.get(name)

    def words(self, name: str) -> tuple[str, ...]:
        """The words of a value, in their order."""
        return tuple(self.values.get(name, "").split())

    @property
    def canonical(self) -> str:
        """The query, always written in the same way."""
        return urlencode(self.values)

    def as_another(self) -> str:
        """The query with which somebody else may sign in."""
        return urlencode(self.values | {"prompt": "login"})

    def after_sign_in(self) -> str:
        """The query to go on with when the user has just signed in: that is not asked twice."""
        return self._without("prompt", FRESH, "max_age")

    def after_consent(self) -> str:
        """The query to go on with when the user has just consented."""
        return self._without("prompt", {*FRESH, "consent"}, "max_age")

    def _without(self, name: str, words: Iterable[str], dropped: str) -> str:
        left = " ".join(word for word in self.words(name) if word not in words)
        kept = {key: v for key, v in self.values.items() if key not in {name, dropped}}
        return urlencode(kept | ({name: left} if left else {}))


@dataclass(frozen=True, slots=True)
class AuthorizationRequest:
    """A request whose application and address are known, and which can be granted as it is."""

    application: KnownApplication
    redirect_uri: str
    state: str | None
    scopes: tuple[str, ...]
    challenge: str
    nonce: str | None
    prompts: frozenset[str]
    age_max: timedelta | None
    login_hint: str | None
    id_token_hint: str | None

    @property
    def silent(self) -> bool:
        """Whether the user must not be shown anything."""
        return "none" in self.prompts

    def refused(self, error: str, detail: str) -> AuthorizationRefused:
        """The refusal that the application is told of."""
        return AuthorizationRefused(error, detail, self.redirect_uri, self.state)

    def asks_to_sign_in(self, signed_in_at: datetime | None, now: datetime) -> bool:
        """Whether the user has to, who has signed in at this time, if at all."""
        if signed_in_at is None or self.prompts & FRESH:
            return True
        return self.age_max is not None and now - signed_in_at > self.age_max


def read_authorization_request(
    application: KnownApplication | None, sent: Parameters
) -> AuthorizationRequest:
    """The request that was sent.

    Raises `AuthorizationImpossible` where nobody may be sent back, else `AuthorizationRefused`.
    """
    if application is None or "client_id" in sent.repeated:
        raise AuthorizationImpossible("the application is not known here")
    redirect_uri = sent.get("redirect_uri")
    if redirect_uri is None or "redirect_uri" in sent.repeated:
        raise AuthorizationImpossible("it is not said where to send you back to")
    if not is_registered(redirect_uri, application.redirect_uris):
        raise AuthorizationImpossible("the application has not registered where to send you back")
    if fault := _fault_in(sent):
        state = sent.get("state") if "state" not in sent.repeated else None
        raise AuthorizationRefused(*fault, redirect_uri, state)
    age_max = sent.get("max_age")
    return AuthorizationRequest(
        application=application,
        redirect_uri=redirect_uri,
        state=sent.get("state"),
        scopes=tuple(scope for scope in SCOPES if scope in sent.words("scope")),
        challenge=sent.values["code_challenge"],
        nonce=sent.get("nonce"),
        prompts=frozenset(sent.words("prompt")),
        age_max=None if age_max is None else timedelta(seconds=int(age_max)),
        login_hint=sent.get("login_hint"),
        id_token_hint=sent.get("id_token_hint"),
    )


def _fault_in(sent: Parameters) -> tuple[str, str] | None:
    """The error's code and what to say, if something cannot be granted. Unknown scopes can."""
    for name in _NOT_SUPPORTED:
        if sent.get(name) is not None:
            return f"{name}_not_supported", f"{name} is not supported"
    if sent.get("response_type") not in {None, "code"}:
        return "unsupported_response_type", "response_type is code"
    if OPENID not in sent.words("scope"):
        return "invalid_scope", "scope has openid in it"
    malformed = _malformed(sent)
    return ("invalid_request", malformed) if malformed else None


def _malformed(sent: Parameters) -> str | None:
    prompts = set(sent.words("prompt"))
    wrong = {
        "a parameter is there twice": bool(sent.repeated),
        "response_type is missing": sent.get("response_type") is None,
        "response_mode is query": sent.get("response_mode") not in {None, "query"},
        "code_challenge is missing or no SHA-256 in base64url": not _CHALLENGE.fullmatch(
            sent.get("code_challenge") or ""
        ),
        "code_challenge_method is S256": sent.get("code_challenge_method") != "S256",
        "prompt is none alone, or of login, consent, select_account": bool(prompts - PROMPTS)
        or ("none" in prompts and len(prompts) > 1),
        "max_age is a number of seconds": not _SECONDS.fullmatch(sent.get("max_age") or "0"),
        f"nonce has at most {TEXT_LENGTH_MAX} characters": len(sent.get("nonce") or "")
        > TEXT_LENGTH_MAX,
    }
    return next((said for said, is_so in wrong.items() if is_so), None)
