"""`/sessions`: users sign in, stay so, see where they are signed in, and sign out."""

from typing import Any
from uuid import UUID

from fastapi import Response

from florin_chassis.http.endpoint import (
    PUBLIC,
    SIGNED_IN,
    BeginTransaction,
    CurrentActor,
    Reading,
    Router,
)
from florin_chassis.http.pages import Page, PagingQuery
from florin_identity.api.proving import ChallengeAnswer
from florin_identity.api.session_schemas import (
    NewSession,
    OpenSessionAnswer,
    Refresh,
    SessionAnswer,
)
from florin_identity.api.tools import CurrentProofs, CurrentSettings, CurrentTokens
from florin_identity.models.second_factors import Asked
from florin_identity.models.session_lives import SessionLives
from florin_identity.models.signing_in import SignedIn
from florin_identity.queries.find_sessions import list_sessions
from florin_identity.settings import Settings
from florin_identity.use_cases.end_a_session import end_a_session
from florin_identity.use_cases.refresh_session import refresh_session
from florin_identity.use_cases.sign_out import sign_out
from florin_identity.use_cases.start_session import start_session

router = Router(tags=["sessions"])


@router.post(
    "/sessions",
    permission=PUBLIC,
    secret_answer=True,
    response_model=SessionAnswer | ChallengeAnswer,
    responses={201: {"model": SessionAnswer}, 202: {"model": ChallengeAnswer}},
)
async def post_session(
    body: NewSession,
    response: Response,
    proofs: CurrentProofs,
    tokens: CurrentTokens,
    settings: CurrentSettings,
    begin: BeginTransaction,
) -> Asked | dict[str, Any]:
    password = body.password.get_secret_value()
    outcome = await start_session(body.email, password, proofs, tokens, begin)
    if isinstance(outcome, Asked):
        response.status_code = 202
        return outcome
    return answered(outcome, settings)


@router.post(
    "/sessions/refresh",
    permission=PUBLIC,
    secret_answer=True,
    status_code=200,
    response_model=SessionAnswer,
)
async def post_refresh(
    body: Refresh, tokens: CurrentTokens, settings: CurrentSettings, begin: BeginTransaction
) -> dict[str, object]:
    token = body.refresh_token.get_secret_value()
    lives = SessionLives.of(settings)
    return answered(await refresh_session(token, lives, tokens, begin), settings)


@router.get("/sessions", permission=SIGNED_IN, response_model=Page[OpenSessionAnswer])
async def get_sessions(
    session: Reading,
    actor: CurrentActor,
    settings: CurrentSettings,
    paging: PagingQuery,
    user_id: UUID | None = None,
) -> dict[str, Any]:
    return await list_sessions(session, actor, user_id, SessionLives.of(settings), paging)


@router.delete("/sessions/current", permission=SIGNED_IN, in_person=True, provisional=True)
async def delete_current_session(begin: BeginTransaction) -> None:
    await sign_out(begin)


@router.delete("/sessions/{session_id}", permission=SIGNED_IN)
async def delete_session(session_id: UUID, begin: BeginTransaction) -> None:
    await end_a_session(session_id, begin)


def answered(signed_in: SignedIn, settings: Settings) -> dict[str, Any]:
    """What every way of signing in answers with."""
    return {
        "access_token": signed_in.access_token,
        "token_type": "Bearer",
        "expires_in": settings.token_life_s,
        "refresh_token": signed_in.refresh_token,
        "session_id": signed_in.session.id,
        "user_id": signed_in.session.user_id,
    }
