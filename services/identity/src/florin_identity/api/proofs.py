"""`/sessions/second-factor`, `/sessions/passkey` and `/me/proof`: more than a password."""

from florin_chassis.http.endpoint import PUBLIC, SIGNED_IN, BeginTransaction, Router
from florin_identity.api.proving import (
    AnsweredChallenge,
    ChallengeAnswer,
    NewProof,
    PasskeyOptionsAnswer,
    PasskeySignIn,
    ProofAnswer,
)
from florin_identity.api.session_schemas import SessionAnswer
from florin_identity.api.sessions import answered
from florin_identity.api.tools import CurrentFactors, CurrentProofs, CurrentSettings, CurrentTokens
from florin_identity.models.second_factors import Asked, Assertion
from florin_identity.use_cases.begin_passkey_sign_in import Offered, begin_passkey_sign_in
from florin_identity.use_cases.begin_proof import begin_proof
from florin_identity.use_cases.finish_sign_in import finish_sign_in
from florin_identity.use_cases.prove_again import prove_again
from florin_identity.use_cases.sign_in_with_passkey import sign_in_with_passkey

router = Router(tags=["proofs"])


@router.post(
    "/sessions/second-factor",
    permission=PUBLIC,
    secret_answer=True,
    response_model=SessionAnswer,
)
async def post_second_factor(
    body: AnsweredChallenge,
    factors: CurrentFactors,
    tokens: CurrentTokens,
    settings: CurrentSettings,
    begin: BeginTransaction,
) -> dict[str, object]:
    answer = body.proof.answer()
    return answered(await finish_sign_in(body.challenge, answer, factors, tokens, begin), settings)


@router.post(
    "/sessions/passkey/options",
    permission=PUBLIC,
    secret_answer=True,
    response_model=PasskeyOptionsAnswer,
)
async def post_passkey_sign_in_options(factors: CurrentFactors, begin: BeginTransaction) -> Offered:
    return await begin_passkey_sign_in(factors.relying_party, begin)


@router.post(
    "/sessions/passkey", permission=PUBLIC, secret_answer=True, response_model=SessionAnswer
)
async def post_passkey_sign_in(
    body: PasskeySignIn,
    factors: CurrentFactors,
    tokens: CurrentTokens,
    settings: CurrentSettings,
    begin: BeginTransaction,
) -> dict[str, object]:
    answer = Assertion(body.credential.model_dump(exclude_none=True))
    signed_in = await sign_in_with_passkey(body.challenge, answer, factors, tokens, begin)
    return answered(signed_in, settings)


@router.post(
    "/me/proof/options",
    permission=SIGNED_IN,
    in_person=True,
    provisional=True,
    secret_answer=True,
    response_model=ChallengeAnswer,
)
async def post_proof_options(factors: CurrentFactors, begin: BeginTransaction) -> Asked:
    return await begin_proof(factors, begin)


@router.post(
    "/me/proof",
    permission=SIGNED_IN,
    in_person=True,
    provisional=True,
    secret_answer=True,
    response_model=ProofAnswer,
)
async def post_proof(
    body: NewProof,
    proofs: CurrentProofs,
    tokens: CurrentTokens,
    settings: CurrentSettings,
    begin: BeginTransaction,
) -> dict[str, object]:
    proved = await prove_again(body.proof.answer(), body.challenge, proofs, tokens, begin)
    life_s = settings.token_life_s
    return {**proved._asdict(), "token_type": "Bearer", "expires_in": life_s}
