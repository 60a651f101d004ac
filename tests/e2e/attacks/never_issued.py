"""Tokens that would be refused though identity itself had signed them."""

import json
import time
from typing import Any, Final

from tests.e2e.attacks.forgeries import HOSTILE, WITHOUT_THE_KEY, Forgery, nested
from tests.e2e.attacks.forging import Forge, Part


def _without(*names: str) -> Forgery:
    def forged(forge: Forge) -> str:
        members = {n: v for n, v in forge.header.items() if n not in names}
        return forge.signed(members, forge.claims)

    return forged


def _now(offset_s: int) -> int:
    return int(time.time()) + offset_s


def _twice(forge: Forge, name: str, first: Any) -> Part:
    """The claims as JSON, with a member that comes twice: readers differ in which one counts."""
    whole = json.dumps(forge.claims)
    return f'{{"{name}": {json.dumps(first)}, {whole[1:]}'.encode()


NEVER_ISSUED: Final[dict[str, Forgery]] = {
    "header with jku": lambda f: f.with_header(jku=HOSTILE),
    "header with x5u": lambda f: f.with_header(x5u=HOSTILE),
    "header with a jwk": lambda f: f.with_header(jwk=f.key.as_dict(private=False)),
    "header with what is critical": lambda f: f.with_header(crit=["exp"], exp=_now(60)),
    "header with what is critical and unknown": lambda f: f.with_header(crit=["x"], x=1),
    "header with an empty list of what is critical": lambda f: f.with_header(crit=[]),
    "payload not encoded": lambda f: f.with_header(crit=["b64"], b64=False),
    "header with a member of its own": lambda f: f.with_header(florin=1),
    "no kid": _without("kid"),
    "nested": nested,
    "payload is no object": lambda f: f.signed(f.header, b"[]"),
    "payload is no JSON": lambda f: f.signed(f.header, b"sub=1"),
    "payload is nested too deep": lambda f: f.signed(f.header, b"[" * 4_000),
    "sub twice": lambda f: f.signed(f.header, _twice(f, "sub", "x")),
    "aud twice": lambda f: f.signed(f.header, _twice(f, "aud", "else")),
    "ended": lambda f: f.with_claims(iat=_now(-300), exp=_now(-6)),
    "not begun": lambda f: f.with_claims(nbf=_now(30)),
    "issued in the future": lambda f: f.with_claims(iat=_now(30), exp=_now(60)),
    "lives too long": lambda f: f.with_claims(exp=_now(86_400)),
    "lives for ever": lambda f: f.with_claims(exp=10**400),
    "without an end": lambda f: f.with_claims(exp=None),
    "end is text": lambda f: f.with_claims(exp=str(_now(60))),
    "end is true": lambda f: f.with_claims(exp=True),
    "end is no number": lambda f: f.signed(
        f.header, json.dumps(f.claims | {"exp": float("nan")}).encode()
    ),
    "without a beginning": lambda f: f.with_claims(iat=None),
    "of another issuer": lambda f: f.with_claims(iss="https://evil.example"),
    "of an issuer with a slash more": lambda f: f.with_claims(iss=f.claims["iss"] + "/"),
    "of a list of issuers": lambda f: f.with_claims(iss=[f.claims["iss"]]),
    "of no issuer": lambda f: f.with_claims(iss=None),
    "for another audience": lambda f: f.with_claims(aud="else"),
    "for an audience in capitals": lambda f: f.with_claims(aud="FLORIN"),
    "for a list of others": lambda f: f.with_claims(aud=["a", "b"]),
    "for no audience": lambda f: f.with_claims(aud=None),
    "about nobody": lambda f: f.with_claims(sub=None),
    "about an empty name": lambda f: f.with_claims(sub=""),
    "about what is no id": lambda f: f.with_claims(sub="administrator"),
    "without a version": lambda f: f.with_claims(ver=None),
    "rights that are none": lambda f: f.with_claims(prm={"all": True}),
    "an ID token of an application": lambda f: f.with_claims(
        aud="0193a000-0000-7000-8000-000000000001", ver=None, prm=None, at_hash="x", nonce="n"
    ),
}

FORGERIES: Final = WITHOUT_THE_KEY | NEVER_ISSUED
