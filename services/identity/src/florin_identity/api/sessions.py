"""`/sessions`: users sign in."""

from florin_chassis.http.endpoint import PUBLIC, BeginTransaction, Router
from florin_identity.api.schemas import NewSession, SessionAnswer
from florin_identity.api.tools import CurrentPasswords, CurrentSettings, CurrentTokens
from florin_identity.use_cases.start_session import start_session

router = Router(tags=["sessions"])


@router.post("/sessions", permission=PUBLIC, secret_answer=True, response_model=SessionAnswer)
async def post_session(
    body: NewSession,
    passwords: CurrentPasswords,
    tokens: CurrentTokens,
    settings: CurrentSettings,
    begin: BeginTransaction,
) -> dict[str, object]:
    password = body.password.get_secret_value()
    session, token = await start_session(body.email, password, passwords, tokens, begin)
    return {
        "access_token": token,
        "token_type": "Bearer",
        "expires_in": settings.token_life_s,
        "session_id": session.id,
        "user_id": session.user_id,
    }
