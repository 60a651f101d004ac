"""`/email-verifications` and `/email-changes`: users prove that addresses are theirs."""

from datetime import timedelta

from fastapi import Response

from florin_chassis.http.endpoint import PUBLIC, SIGNED_IN, BeginTransaction, Router
from florin_identity.api.schemas import EmailChangeAnswer, FollowedLink, NewEmailChange
from florin_identity.api.tools import CurrentPasswords, CurrentSettings
from florin_identity.use_cases.ask_email_change import ask_email_change
from florin_identity.use_cases.ask_email_verification import ask_email_verification
from florin_identity.use_cases.confirm_email_change import confirm_email_change
from florin_identity.use_cases.verify_email import verify_email

router = Router(tags=["emails"])


@router.post("/email-verifications", permission=SIGNED_IN, in_person=True, status_code=202)
async def post_email_verification(begin: BeginTransaction) -> Response:
    await ask_email_verification(begin)
    return Response(status_code=202)


@router.post("/email-verifications/confirm", permission=PUBLIC, status_code=204)
async def post_verified_email(body: FollowedLink, begin: BeginTransaction) -> None:
    await verify_email(body.token.get_secret_value(), begin)


@router.post("/email-changes", permission=SIGNED_IN, in_person=True, status_code=202)
async def post_email_change(
    body: NewEmailChange,
    passwords: CurrentPasswords,
    settings: CurrentSettings,
    begin: BeginTransaction,
) -> Response:
    life = timedelta(hours=settings.email_link_life_hours)
    await ask_email_change(body.email, body.password.get_secret_value(), passwords, life, begin)
    return Response(status_code=202)


@router.post(
    "/email-changes/confirm",
    permission=PUBLIC,
    status_code=200,
    response_model=EmailChangeAnswer,
)
async def post_confirmed_email_change(
    body: FollowedLink, begin: BeginTransaction
) -> dict[str, bool]:
    return {"complete": await confirm_email_change(body.token.get_secret_value(), begin)}
