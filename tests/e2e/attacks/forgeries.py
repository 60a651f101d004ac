"""Every token that anybody can forge, by name; each makes one of a `Forge`."""

import hmac
import json
from collections.abc import Callable, Iterator
from itertools import product
from typing import Any, Final

from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from joserfc import jws
from joserfc.jwk import ECKey, OKPKey, RSAKey
from tests.e2e.attacks.forging import (
    ORDER,
    SIZE,
    Forge,
    another_key,
    b64,
    numbers,
    pair,
    segment,
    unb64,
)

Forgery = Callable[[Forge], str]

_ALPHABET: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
HOSTILE: Final = "https://evil.example/keys.json"
_NESTED: Final = b'{"alg":"ES256","x":' + b"[" * 5_000


def _flipped(signature: str) -> str:
    raw = bytearray(unb64(signature))
    raw[7] ^= 1
    return b64(bytes(raw))


def _message(forge: Forge, **header: Any) -> str:
    return f"{segment(forge.header | header)}.{segment(forge.claims)}"


def _escalated(forge: Forge) -> str:
    return segment(forge.claims | {"sub": "00000000-0000-7000-8000-000000000001"})


def _mac(forge: Forge, secret: bytes, algorithm: str = "HS256") -> str:
    """The oldest confusion: what is public, as the secret of a symmetric algorithm."""
    message = _message(forge, alg=algorithm)
    return f"{message}.{b64(hmac.digest(secret, message.encode(), 'sha' + algorithm[2:]))}"


def _jwk(forge: Forge) -> bytes:
    return json.dumps(forge.key.as_dict(private=False), separators=(",", ":")).encode()


def _by_stranger(forge: Forge, **header: Any) -> str:
    """Signed by a key of the attacker's own, under a header that speaks of it."""
    return forge.signed(forge.header | header, forge.claims, another_key("theirs"))


def _embedded(forge: Forge) -> str:
    key = another_key(forge.key.kid or "")
    header = forge.header | {"jwk": key.as_dict(private=False)}
    return forge.signed(header, forge.claims, key)


def _by(algorithm: str, key: Any, forge: Forge) -> str:
    header = forge.header | {"alg": algorithm}
    registry = jws.JWSRegistry(algorithms=[algorithm])
    return jws.serialize_compact(header, json.dumps(forge.claims), key, registry=registry)


def _unsigned(forge: Forge, algorithm: Any, signature: str = "", **header: Any) -> str:
    return f"{_message(forge, alg=algorithm, **header)}.{signature}"


def _raw_header(text: str) -> Forgery:
    """A header of exactly this text, above a signature of the genuine token's."""

    def forged(forge: Forge) -> str:
        _, payload, signature = forge.parts
        return f"{segment(text.replace('KID', forge.key.kid or '').encode())}.{payload}.{signature}"

    return forged


def _flattened(forge: Forge) -> str:
    header, payload, signature = forge.parts
    return json.dumps({"protected": header, "payload": payload, "signature": signature})


def _unused_bits(text: str) -> str:
    """The last character says more than there are bits for: another spelling of the same bytes."""
    return text[:-1] + _ALPHABET[_ALPHABET.index(text[-1]) | 1]


def _spelled_otherwise(forge: Forge) -> str:
    """64 bytes end in a character with four bits to spare."""
    header, payload, signature = forge.parts
    return f"{header}.{payload}.{_unused_bits(signature)}"


def _in_the_other_alphabet(forge: Forge) -> str:
    while True:
        header, payload, signature = forge.parts
        other = signature.replace("-", "+").replace("_", "/")
        if other != signature:
            return f"{header}.{payload}.{other}"


def _numbers(forge: Forge) -> tuple[int, int]:
    return numbers(forge.key, _message(forge))


def _resized(forge: Forge, size: int, r_more: int = 0, s_more: int = 0) -> str:
    r, s = _numbers(forge)
    return forge.with_signature(pair(r + r_more, s + s_more, size))


def _der(forge: Forge) -> str:
    return forge.with_signature(b64(encode_dss_signature(*_numbers(forge))))


def _of_another_payload(forge: Forge) -> str:
    other = forge.with_claims(jti="another")
    return forge.with_signature(other.rpartition(".")[2])


def nested(forge: Forge, key: ECKey | None = None) -> str:
    return forge.signed(forge.header | {"cty": "JWT"}, forge.genuine.encode(), key)


def _encrypted(forge: Forge) -> str:
    header = {"alg": "ECDH-ES", "enc": "A256GCM", "kid": forge.key.kid}
    return f"{segment(header)}..{b64(b'i' * 12)}.{segment(forge.claims)}.{b64(b't' * 16)}"


def _pairs_at_the_edges() -> Iterator[tuple[str, Forgery]]:
    """CVE-2022-21449 and its kin: numbers for which a careless check divides by nothing."""
    edges = {"0": 0, "1": 1, "n-1": ORDER - 1, "n": ORDER}
    for (r_name, r), (s_name, s) in product(edges.items(), repeat=2):

        def forged(forge: Forge, r: int = r, s: int = s) -> str:
            return forge.with_signature(pair(r, s))

        yield f"r is {r_name} and s is {s_name}", forged


WITHOUT_THE_KEY: Final[dict[str, Forgery]] = {
    # What is missing, added or changed.
    "signature changed": lambda f: f.with_signature(_flipped(f.parts[2])),
    "signature missing": lambda f: f.with_signature(""),
    "signature and separator missing": lambda f: ".".join(f.parts[:2]),
    "signature cut short": lambda f: f.with_signature(f.parts[2][:-2]),
    "token cut in half": lambda f: f.genuine[: len(f.genuine) // 2],
    "payload changed": lambda f: f"{f.parts[0]}.{_escalated(f)}.{f.parts[2]}",
    "payload missing": lambda f: f"{f.parts[0]}..{f.parts[2]}",
    "payload and separator missing": lambda f: f"{f.parts[0]}.{f.parts[2]}",
    "header changed": lambda f: f"{segment(f.header | {'typ': 'jwt'})}.{'.'.join(f.parts[1:])}",
    "header missing": lambda f: f".{'.'.join(f.parts[1:])}",
    "header and separator missing": lambda f: ".".join(f.parts[1:]),
    "only a payload between separators": lambda f: f".{f.parts[1]}.",
    "only a payload": lambda f: f.parts[1],
    "only separators": lambda _: "..",
    "an empty component more": lambda f: f.genuine + ".",
    "a component more": lambda f: f.genuine + "." + f.parts[2],
    "JSON serialization": _flattened,
    "encrypted": _encrypted,
    "signature over another payload": _of_another_payload,
    "nested, by a stranger": lambda f: nested(f, another_key("theirs")),
    "header is no object": lambda f: f"{segment(b'[]')}.{'.'.join(f.parts[1:])}",
    "header is no JSON": lambda f: f"{segment(b'alg: ES256')}.{'.'.join(f.parts[1:])}",
    "header is no Unicode": lambda f: f"{segment(bytes([123, 255, 125]))}.{'.'.join(f.parts[1:])}",
    "header is nested too deep": lambda f: f"{segment(_NESTED[:5_000])}.{'.'.join(f.parts[1:])}",
    "header is nested within its bounds": lambda f: (
        f"{segment(_NESTED[:380])}.{'.'.join(f.parts[1:])}"
    ),
    "oversized": lambda f: f"{f.parts[0]}.{segment(f.claims | {'x': 'x' * 9_000})}.{f.parts[2]}",
    # Another algorithm.
    "alg none": lambda f: _unsigned(f, "none"),
    "alg NONE": lambda f: _unsigned(f, "NONE"),
    "alg nOnE": lambda f: _unsigned(f, "nOnE"),
    "alg none with a kid of none": lambda f: _unsigned(f, "none", kid="none"),
    "alg none above a true signature": lambda f: _unsigned(f, "none", f.parts[2]),
    "alg empty": lambda f: _unsigned(f, "", f.parts[2]),
    "alg null": lambda f: _unsigned(f, None, f.parts[2]),
    "alg a list": lambda f: _unsigned(f, ["ES256"], f.parts[2]),
    "alg missing": lambda f: f"{segment({'kid': f.key.kid})}.{'.'.join(f.parts[1:])}",
    "HS256 with the public key in PEM": lambda f: _mac(
        f, f.public(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    ),
    "HS256 with the public key in DER": lambda f: _mac(
        f, f.public(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    ),
    "HS256 with the public point": lambda f: _mac(f, f.public(Encoding.X962)),
    "HS256 with the public JWK": lambda f: _mac(f, _jwk(f)),
    "HS256 with nothing": lambda f: _mac(f, b""),
    "HS384 with the public point": lambda f: _mac(f, f.public(Encoding.X962), "HS384"),
    "HS512 with the public point": lambda f: _mac(f, f.public(Encoding.X962), "HS512"),
    "ES384": lambda f: _by("ES384", ECKey.generate_key("P-384", private=True), f),
    "RS256": lambda f: _by("RS256", RSAKey.generate_key(2_048, private=True), f),
    "PS256": lambda f: _by("PS256", RSAKey.generate_key(2_048, private=True), f),
    "Ed25519": lambda f: _by("Ed25519", OKPKey.generate_key("Ed25519", private=True), f),
    "ES384 above an ES256 signature": lambda f: _unsigned(f, "ES384", f.parts[2]),
    # Another key.
    "another key under our kid": lambda f: f.signed(
        f.header, f.claims, another_key(f.key.kid or "")
    ),
    "kid unknown": lambda f: _by_stranger(f, kid="theirs"),
    "kid a path": lambda f: _by_stranger(f, kid="../../../../dev/null"),
    "kid an address": lambda f: _by_stranger(f, kid=HOSTILE),
    "kid of SQL": lambda f: _by_stranger(f, kid="' OR 1=1 --"),
    "kid empty": lambda f: _by_stranger(f, kid=""),
    "kid null": lambda f: _by_stranger(f, kid=None),
    "kid a list": lambda f: _by_stranger(f, kid=[f.key.kid, "theirs"]),
    "kid a number": lambda f: _by_stranger(f, kid=7),
    "kid twice": _raw_header('{"alg":"ES256","kid":"KID","kid":"theirs"}'),
    "alg twice": _raw_header('{"alg":"none","alg":"ES256","kid":"KID"}'),
    "alg twice, none last": _raw_header('{"alg":"ES256","alg":"none","kid":"KID"}'),
    "embedded jwk": _embedded,
    "jku": lambda f: _by_stranger(f, jku=HOSTILE),
    "x5u": lambda f: _by_stranger(f, x5u=HOSTILE),
    "x5c": lambda f: _by_stranger(f, x5c=["MIIB"]),
    # Another signature.
    "signature of zeros": lambda f: f.with_signature(b64(bytes(2 * SIZE))),
    "signature of ones": lambda f: f.with_signature(b64(b"\xff" * 2 * SIZE)),
    "signature in DER": _der,
    "signature with leading zeros": lambda f: _resized(f, SIZE + 1),
    "signature with trailing zeros": lambda f: f.with_signature(
        b64(unb64(f.parts[2]) + bytes(SIZE))
    ),
    "signature of only r": lambda f: f.with_signature(b64(unb64(f.parts[2])[:SIZE])),
    "r too big": lambda f: _resized(f, SIZE + 1, r_more=ORDER),
    "s too big": lambda f: _resized(f, SIZE + 1, s_more=ORDER),
    "r overflows": lambda f: _resized(f, SIZE + 1, r_more=1 << 256),
    "s overflows": lambda f: _resized(f, SIZE + 1, s_more=1 << 256),
    "signature of four thousand zeros": lambda f: f.with_signature(b64(bytes(4_000))),
    **dict(_pairs_at_the_edges()),
    # Another spelling.
    "padded": lambda f: f.genuine + "==",
    "padded header": lambda f: f"{f.parts[0]}=.{'.'.join(f.parts[1:])}",
    "padded payload": lambda f: f"{f.parts[0]}.{f.parts[1]}=.{f.parts[2]}",
    "a space before the signature": lambda f: f.with_signature("  " + f.parts[2]),
    "a space after the header": lambda f: f"{f.parts[0]} .{'.'.join(f.parts[1:])}",
    "a space after the payload": lambda f: f"{f.parts[0]}.{f.parts[1]} .{f.parts[2]}",
    "a foreign character in the signature": lambda f: f.with_signature("?" + f.parts[2]),
    "a foreign character for one of the signature": lambda f: f.with_signature(
        "?" + f.parts[2][1:]
    ),
    "a foreign character in the header": lambda f: f"{f.parts[0]}##.{'.'.join(f.parts[1:])}",
    "a foreign character in the payload": lambda f: f"{f.parts[0]}.?{f.parts[1]}.{f.parts[2]}",
    "bits that are not used": _spelled_otherwise,
    "the other alphabet": _in_the_other_alphabet,
    "percent-encoded": lambda f: f.genuine.replace(".", "%2E"),
}


def twin(token: str) -> str:
    """The other signature of the same message, which anybody can make: (r, n - s)."""
    message, _, signature = token.rpartition(".")
    raw = unb64(signature)
    r, s = int.from_bytes(raw[:SIZE], "big"), int.from_bytes(raw[SIZE:], "big")
    return f"{message}.{pair(r, ORDER - s)}"
