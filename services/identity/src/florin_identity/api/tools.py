"""What routes hand to use cases beside the transaction: settings, keys, tokens and the hasher."""

from datetime import timedelta
from typing import Annotated, cast

from fastapi import Depends, FastAPI, Request

from florin_chassis.actor import process_actor
from florin_chassis.http.endpoint import MARKS
from florin_chassis.runtime import Runtime
from florin_identity.models.access_tokens import AccessTokens
from florin_identity.models.application_grant import Lives
from florin_identity.models.id_tokens import IdTokens
from florin_identity.models.key_ring import KeyRing
from florin_identity.models.password_check import PasswordCheck
from florin_identity.models.passwords import Hasher
from florin_identity.models.proofs import Proofs
from florin_identity.models.second_factors import SecondFactors
from florin_identity.settings import Settings
from florin_identity.use_cases.rotate_signing_keys import open_key_ring
from florin_identity.use_cases.sign_in_browser import Tools


async def prepare(app: FastAPI, runtime: Runtime) -> None:
    """Open the key ring and start the hashing threads before the first request."""
    settings = cast(Settings, runtime.settings)
    begin = runtime.begin_as(process_actor(runtime.service))
    app.state.key_ring = await open_key_ring(settings, begin)
    app.state.tokens = AccessTokens(settings, app.state.key_ring)
    app.state.id_tokens = IdTokens(settings.token_issuer, app.state.key_ring)
    app.state.hasher = Hasher(settings.hashing_threads, settings.hashing_waiting_max)
    app.state.passwords = PasswordCheck(settings, app.state.hasher)
    app.state.factors = SecondFactors(settings)


# All of these are `async`: FastAPI calls what is not in a thread, at each request.


async def _settings(request: Request) -> Settings:
    return cast(Settings, request.app.state.runtime.settings)


async def _key_ring(request: Request) -> KeyRing:
    ring = cast(KeyRing, request.app.state.key_ring)
    await ring.renew(request.state.exchange.session)
    return ring


async def _tokens(request: Request) -> AccessTokens:
    await _key_ring(request)
    return cast(AccessTokens, request.app.state.tokens)


async def _hasher(request: Request) -> Hasher:
    return cast(Hasher, request.app.state.hasher)


async def _passwords(request: Request) -> PasswordCheck:
    return cast(PasswordCheck, request.app.state.passwords)


async def _id_tokens(request: Request) -> IdTokens:
    await _key_ring(request)
    return cast(IdTokens, request.app.state.id_tokens)


def lives_of(settings: Settings) -> Lives:
    """How long what applications get lives."""
    return Lives(
        code=timedelta(seconds=settings.authorization_code_life_s),
        access=timedelta(seconds=settings.token_life_s),
        grant=timedelta(days=settings.application_grant_days),
    )


async def _lives(request: Request) -> Lives:
    return lives_of(await _settings(request))


async def _signing_in(request: Request) -> Tools:
    life = timedelta(hours=(await _settings(request)).browser_login_hours)
    return Tools(await _proofs(request), await _tokens(request), life)


async def _factors(request: Request) -> SecondFactors:
    return cast(SecondFactors, request.app.state.factors)


async def _proofs(request: Request) -> Proofs:
    return Proofs(await _passwords(request), await _factors(request))


async def _recent(request: Request) -> timedelta:
    return timedelta(seconds=(await _settings(request)).recent_proof_s)


CurrentSettings = Annotated[Settings, Depends(_settings)]
CurrentKeyRing = Annotated[KeyRing, Depends(_key_ring)]
CurrentTokens = Annotated[AccessTokens, Depends(_tokens)]
CurrentHasher = Annotated[Hasher, Depends(_hasher)]
CurrentPasswords = Annotated[PasswordCheck, Depends(_passwords)]
CurrentIdTokens = Annotated[IdTokens, Depends(_id_tokens)]
CurrentLives = Annotated[Lives, Depends(_lives)]
CurrentSigningIn = Annotated[Tools, Depends(_signing_in)]
CurrentProofs = Annotated[Proofs, Depends(_proofs)]
CurrentFactors = Annotated[SecondFactors, Depends(_factors)]
setattr(_recent, MARKS, {"x-recent-proof": "true"})
RecentProof = Annotated[timedelta, Depends(_recent)]
