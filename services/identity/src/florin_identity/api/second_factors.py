"""`/me/second-factors` and what is around it: a user's own second factors, and recovery codes."""

from typing import Any
from uuid import UUID

from florin_chassis.http.endpoint import (
    SIGNED_IN,
    BeginTransaction,
    CurrentActor,
    Reading,
    Router,
)
from florin_contracts.permissions import Permission
from florin_identity.api.proving import (
    AuthenticatorAnswer,
    FactorAnswer,
    FactorsAnswer,
    FirstCode,
    NewAuthenticator,
    NewPasskeyBody,
    PasskeyOptionsAnswer,
    RecoveryCodesAnswer,
)
from florin_identity.api.tools import CurrentFactors, RecentProof
from florin_identity.models.second_factors import Factor
from florin_identity.queries.find_second_factors import find_own_factors
from florin_identity.use_cases import begin_authenticator as authenticators
from florin_identity.use_cases import begin_passkey as passkeys
from florin_identity.use_cases.confirm_authenticator import confirm_authenticator
from florin_identity.use_cases.register_passkey import NewPasskey, register_passkey
from florin_identity.use_cases.remove_factor import remove_factor
from florin_identity.use_cases.renew_recovery_codes import renew_recovery_codes
from florin_identity.use_cases.reset_factors import reset_factors

router = Router(tags=["second factors"])


@router.get(
    "/me/second-factors",
    permission=SIGNED_IN,
    in_person=True,
    provisional=True,
    response_model=FactorsAnswer,
)
async def get_factors(session: Reading, actor: CurrentActor) -> dict[str, Any]:
    return await find_own_factors(session, actor)


@router.post(
    "/me/authenticators",
    permission=SIGNED_IN,
    in_person=True,
    provisional=True,
    secret_answer=True,
    response_model=AuthenticatorAnswer,
)
async def post_authenticator(
    body: NewAuthenticator,
    factors: CurrentFactors,
    recent: RecentProof,
    begin: BeginTransaction,
) -> authenticators.Offered:
    return await authenticators.begin_authenticator(body.name, factors, recent, begin)


@router.post(
    "/me/authenticators/{authenticator_id}/confirm",
    permission=SIGNED_IN,
    in_person=True,
    provisional=True,
    status_code=200,
    response_model=FactorAnswer,
)
async def post_first_code(
    authenticator_id: UUID,
    body: FirstCode,
    factors: CurrentFactors,
    recent: RecentProof,
    begin: BeginTransaction,
) -> Factor:
    return await confirm_authenticator(authenticator_id, body.code, factors, recent, begin)


@router.post(
    "/me/passkeys/options",
    permission=SIGNED_IN,
    in_person=True,
    provisional=True,
    secret_answer=True,
    response_model=PasskeyOptionsAnswer,
)
async def post_passkey_options(
    factors: CurrentFactors, recent: RecentProof, begin: BeginTransaction
) -> passkeys.Offered:
    return await passkeys.begin_passkey(factors.relying_party, recent, begin)


@router.post(
    "/me/passkeys",
    permission=SIGNED_IN,
    in_person=True,
    provisional=True,
    response_model=FactorAnswer,
)
async def post_passkey(
    body: NewPasskeyBody, factors: CurrentFactors, recent: RecentProof, begin: BeginTransaction
) -> Factor:
    new = NewPasskey(body.name, body.challenge, body.credential.model_dump())
    return await register_passkey(new, factors.relying_party, recent, begin)


@router.delete("/me/second-factors/{factor_id}", permission=SIGNED_IN, in_person=True)
async def delete_factor(factor_id: UUID, recent: RecentProof, begin: BeginTransaction) -> None:
    await remove_factor(factor_id, recent, begin)


@router.post(
    "/me/recovery-codes",
    permission=SIGNED_IN,
    in_person=True,
    secret_answer=True,
    response_model=RecoveryCodesAnswer,
)
async def post_recovery_codes(recent: RecentProof, begin: BeginTransaction) -> dict[str, Any]:
    return {"codes": await renew_recovery_codes(recent, begin)}


@router.delete("/users/{user_id}/second-factors", permission=Permission.USERS_WRITE, in_person=True)
async def delete_factors(user_id: UUID, recent: RecentProof, begin: BeginTransaction) -> None:
    await reset_factors(user_id, recent, begin)
