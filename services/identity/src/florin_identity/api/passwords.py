"""`/me/password` and `/password-resets`: users set other passwords."""

from fastapi import Response

from florin_chassis.http.endpoint import PUBLIC, SIGNED_IN, BeginTransaction, Router
from florin_identity.api.schemas import ChangedPassword, NewPasswordReset, RedeemedPasswordReset
from florin_identity.api.tools import CurrentHasher, CurrentPasswords
from florin_identity.use_cases.ask_password_reset import ask_password_reset
from florin_identity.use_cases.change_password import change_password
from florin_identity.use_cases.reset_password import reset_password

router = Router(tags=["passwords"])


@router.put("/me/password", permission=SIGNED_IN, in_person=True, status_code=204)
async def put_password(
    body: ChangedPassword, passwords: CurrentPasswords, begin: BeginTransaction
) -> None:
    old, new = body.password.get_secret_value(), body.new_password.get_secret_value()
    await change_password(old, new, passwords, begin)


@router.post("/password-resets", permission=PUBLIC, status_code=202)
async def post_password_reset(body: NewPasswordReset, begin: BeginTransaction) -> Response:
    await ask_password_reset(body.email, begin)
    return Response(status_code=202)


@router.post("/password-resets/redeem", permission=PUBLIC, status_code=204)
async def post_redeemed_password_reset(
    body: RedeemedPasswordReset, hasher: CurrentHasher, begin: BeginTransaction
) -> None:
    token, password = body.token.get_secret_value(), body.password.get_secret_value()
    await reset_password(token, password, hasher, begin)
