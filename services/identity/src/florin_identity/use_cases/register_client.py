"""Someone registers a client, and at the same time the user of the same name who owns it."""

from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from florin_chassis.errors import Quota, Refusal
from florin_chassis.ids import new_id
from florin_chassis.origin import network_of
from florin_chassis.road.projections import find_projected
from florin_chassis.transaction import Begin, Transaction
from florin_contracts.identity import ClientRegistration, UserKind, UserStatus
from florin_contracts.providers import ProviderState
from florin_identity.models.attempts import Budget, Limit, count_failure, require_open
from florin_identity.models.credential import keep_password
from florin_identity.models.letter import LetterKind, write_letter
from florin_identity.models.passwords import Hasher, require_strong
from florin_identity.models.proven import act_as
from florin_identity.models.reach import UnknownProvider
from florin_identity.models.reckoning import open_access
from florin_identity.models.security_log import SecurityAct, note
from florin_identity.models.user import EmailTaken, User, login_at

_GUESSING: Final = Limit(Quota("registration-address", 10, 900), lock_s=900, lock_s_max=86_400)
"""Whoever registers is told that an address is taken; nobody finds out so of many."""


class RegistrationClosed(Refusal):
    """The provider takes no new clients."""

    code = "registration_closed"


class CountryNotServed(Refusal):
    """The provider takes no clients of this country."""

    code = "country_not_served"


class TermsNotAccepted(Refusal):
    """Whoever registers accepts the provider's terms, by the address that they are at now."""

    code = "terms_not_accepted"


class EmailInUse(EmailTaken):
    """Another user signs in with this email already, and is told that somebody wanted it."""

    keeps = True


async def register_client(
    registration: ClientRegistration,
    email: str,
    password: str,
    hasher: Hasher,
    begin: Begin,
    accepted_terms: str | None = None,
) -> User:
    """Raises `EmailTaken`, `UnknownProvider`, `RegistrationClosed`; `Malformed` if it is weak.

    Raises `TooManyAttempts` of an address that asked for too many which were taken.
    Also `CountryNotServed`, and `TermsNotAccepted` unless `accepted_terms` is where they are now.
    """
    require_strong(password, email, registration.name)
    password_hash = await hasher.hash(password)
    user = _owner(registration, email)
    async with begin() as transaction:
        guessing = Budget(_GUESSING, network_of(transaction.origin.address))
        await require_open(transaction.session, guessing)
        terms = await _require_welcome(transaction.session, registration, accepted_terms)
        act_as(transaction, user.id)
        await _require_unused(transaction, email, guessing)
        transaction.add(user)
        transaction.emit(user.register(registration))
        write_letter(transaction, LetterKind.EMAIL_VERIFICATION, email, user.id)
        await keep_password(transaction.session, user.id, password_hash)
        await open_access(transaction, user)
        if terms:
            note(transaction, SecurityAct.TERMS_ACCEPTED, user.id, terms_url=terms)
    return user


def _owner(registration: ClientRegistration, email: str) -> User:
    return User(
        id=new_id(),
        name=registration.name,
        email=email,
        kind=UserKind.CLIENT,
        status=UserStatus.ACTIVE,
        administrator=False,
        client_id=registration.client_id,
        email_verified=False,
        second_factor=False,
    )


async def _require_unused(transaction: Transaction, email: str, guessing: Budget) -> None:
    """Who owns the login is told of it, too: it may have been the owner, who has forgotten."""
    if await login_at(transaction.session, email):
        await count_failure(transaction.session, guessing)
        write_letter(transaction, LetterKind.EMAIL_IN_USE, email)
        raise EmailInUse("another user signs in with this email already")


async def _require_welcome(
    session: AsyncSession, registration: ClientRegistration, accepted_terms: str | None
) -> str | None:
    """The terms that were accepted, if the provider has any."""
    provider = await find_projected(session, ProviderState, registration.provider_id)
    if provider is None:
        raise UnknownProvider(f"there is no provider {registration.provider_id}")
    rules = provider.registration
    if not provider.registration_open:
        raise RegistrationClosed(f"{provider.name} takes no new clients")
    if not rules.serves(registration.country):
        country = registration.country
        raise CountryNotServed(f"{provider.name} takes no clients of {country}", country=country)
    if accepted_terms != rules.terms_url and rules.terms_url is not None:
        raise TermsNotAccepted(f"accept the terms of {provider.name}", terms_url=rules.terms_url)
    return rules.terms_url
