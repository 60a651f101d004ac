"""A user signs in with email and password."""

from florin_chassis.transaction import Begin
from florin_identity.models.access_tokens import AccessTokens
from florin_identity.models.challenge import Purpose
from florin_identity.models.credential import rehash_password
from florin_identity.models.proof import Method
from florin_identity.models.proofs import Proofs
from florin_identity.models.proven import act_as
from florin_identity.models.second_factors import Asked
from florin_identity.models.signing_in import SignedIn, open_session, still_admitted


async def start_session(
    email: str, password: str, proofs: Proofs, tokens: AccessTokens, begin: Begin
) -> SignedIn | Asked:
    """A session, or what a user with a second factor has to answer before it gets one.

    Raises `WrongCredentials`, after the same time, whatever it was that is wrong, and
    `TooManyAttempts` where that was so too often, be the password right or not.
    """
    hasher = proofs.passwords.hasher
    async with begin() as transaction:
        login = await proofs.passwords.login_of(transaction, email, password)
        act_as(transaction, login.user_id)
        user = await still_admitted(transaction, login.user_id, login)
        if hasher.is_outdated(login.password_hash):
            password_hash = await hasher.hash(password)
            await rehash_password(transaction.session, login.user_id, password_hash)
        if user.second_factor:
            session, purpose = transaction.session, Purpose.SECOND_FACTOR
            return await proofs.factors.ask(session, purpose, login.user_id)
        return await open_session(transaction, user.holder, {Method.PASSWORD}, tokens)
