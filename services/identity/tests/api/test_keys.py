"""`/.well-known/jwks.json` over HTTP."""

from florin_chassis.testing.harness import Harness


async def test_only_public_parts_are_published_with_what_they_are_for(identity: Harness) -> None:
    answer = await identity.http.get("/.well-known/jwks.json")
    assert answer.status_code == 200
    key, _ = answer.json()["keys"]
    assert key.keys() == {"kty", "crv", "x", "y", "kid", "alg", "use"}
    assert (key["kty"], key["crv"], key["alg"], key["use"]) == ("EC", "P-256", "ES256", "sig")
