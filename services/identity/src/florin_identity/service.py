"""The manifest of the identity service, with its one command."""

import argparse
import json
import sys
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import cast

from pydantic import TypeAdapter, ValidationError

from florin_chassis.actor import process_actor
from florin_chassis.errors import Refusal
from florin_chassis.http.bodies import Email
from florin_chassis.runtime import Runtime
from florin_chassis.service import Background, Service
from florin_identity.api import (
    access,
    allowed_addresses,
    api_keys,
    applications,
    authorization,
    consents,
    discovery,
    emails,
    impersonations,
    invitations,
    keys,
    oauth2,
    passwords,
    proofs,
    registrations,
    revocation,
    second_factors,
    security_log,
    service_accounts,
    sessions,
    sign_out,
    user_status,
    userinfo,
    users,
)
from florin_identity.api.tools import prepare
from florin_identity.commands.letters import letters
from florin_identity.commands.logouts import logouts
from florin_identity.commands.reckon_access import reckon_access
from florin_identity.commands.rotate_keys import rotate_keys
from florin_identity.commands.security_log import security_log as security_log_command
from florin_identity.consumers import subscriptions
from florin_identity.models import Base
from florin_identity.settings import Settings
from florin_identity.use_cases.end_sessions_run_out import END_SESSIONS_RUN_OUT
from florin_identity.use_cases.forget_attempts import FORGET_ATTEMPTS
from florin_identity.use_cases.forget_letters import FORGET_LETTERS
from florin_identity.use_cases.forget_logout_notices import FORGET_LOGOUT_NOTICES
from florin_identity.use_cases.forget_sessions import FORGET_SESSIONS
from florin_identity.use_cases.forget_sign_ins import FORGET_SIGN_INS
from florin_identity.use_cases.install_administrator import install_administrator
from florin_identity.use_cases.reckon_everybody import FOLLOW_RULES, RECKON_DUE
from florin_identity.use_cases.rotate_signing_keys import ROTATE_SIGNING_KEYS, open_key_ring
from florin_identity.use_cases.seal_security_log import SEAL_SECURITY_LOG


async def install(runtime: Runtime, arguments: Sequence[str]) -> None:
    """`install --email E [--again]`: the signing key and the first administrator.

    Prints one line of JSON with a secret in it: `{"user_id", "invitation_token"}`. May be run
    again: the token is null then, unless `--again` asks for another in place of one that was lost.
    """
    email, again = _given(arguments)
    settings = cast(Settings, runtime.settings)
    begin = runtime.begin_as(process_actor(runtime.service))
    await open_key_ring(settings, begin)
    try:
        installed = await install_administrator(
            email, timedelta(hours=settings.invitation_life_hours), begin, again=again
        )
    except Refusal as refusal:
        raise SystemExit(refusal.detail) from refusal
    answer = {
        "user_id": str(installed.user_id),
        "invitation_token": installed.invitation_token,
    }
    sys.stdout.write(json.dumps(answer) + "\n")


def _given(arguments: Sequence[str]) -> tuple[str, bool]:
    parser = argparse.ArgumentParser(prog="python -m florin_identity install")
    parser.add_argument("--email", required=True, help="the administrator's login")
    parser.add_argument(
        "--again", action="store_true", help="another token, while no administrator has signed up"
    )
    given = parser.parse_args(arguments)
    try:
        return TypeAdapter[str](Email).validate_python(given.email), given.again
    except ValidationError:
        parser.error(f"{given.email!r} is no email address")


def mail(runtime: Runtime) -> Background:
    """The process that sends letters; what it needs is loaded for it alone."""
    from florin_identity.delivery.mailer import Mailer  # noqa: PLC0415

    return Mailer(runtime).run


def tell_logouts(runtime: Runtime) -> Background:
    """The process that tells applications of sessions that ended."""
    from florin_identity.delivery.notifier import Notifier  # noqa: PLC0415

    return Notifier(runtime).run


service = Service(
    name="identity",
    title="Florin identity",
    settings=Settings,
    metadata=Base.metadata,
    migrations=Path(__file__).parents[2] / "migrations",
    routers=(
        registrations.router,
        sessions.router,
        proofs.router,
        second_factors.router,
        allowed_addresses.router,
        invitations.router,
        users.router,
        user_status.router,
        access.router,
        impersonations.router,
        keys.router,
        applications.router,
        authorization.router,
        sign_out.router,
        userinfo.router,
        consents.router,
        revocation.router,
        discovery.router,
        oauth2.router,
        service_accounts.router,
        security_log.router,
        api_keys.router,
        emails.router,
        passwords.router,
    ),
    subscriptions=subscriptions,
    prepare=prepare,
    commands={
        "install": install,
        "letters": letters,
        "logouts": logouts,
        "reckon-access": reckon_access,
        "rotate-keys": rotate_keys,
        "security-log": security_log_command,
    },
    jobs=(
        SEAL_SECURITY_LOG,
        FOLLOW_RULES,
        RECKON_DUE,
        ROTATE_SIGNING_KEYS,
        END_SESSIONS_RUN_OUT,
        FORGET_ATTEMPTS,
        FORGET_SESSIONS,
        FORGET_SIGN_INS,
        FORGET_LETTERS,
        FORGET_LOGOUT_NOTICES,
    ),
    parts={"mailer": mail, "logouts": tell_logouts},
)
