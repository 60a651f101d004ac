"""`rotate-keys`: another signing key signs from now on."""

import argparse
import json
import sys
from collections.abc import Sequence
from typing import cast

from florin_chassis.actor import process_actor
from florin_chassis.errors import Refusal
from florin_chassis.runtime import Runtime
from florin_identity.models.key_rotation import Wanted
from florin_identity.settings import Settings
from florin_identity.use_cases.rotate_signing_keys import rotate_signing_keys


async def rotate_keys(runtime: Runtime, arguments: Sequence[str]) -> None:
    """`rotate-keys [--now | --compromised]`: another key signs; prints the keys as JSON."""
    parser = argparse.ArgumentParser(prog="python -m florin_identity rotate-keys")
    how = parser.add_mutually_exclusive_group()
    how.add_argument("--now", action="store_true", help="though not every verifier knows the key")
    how.add_argument(
        "--compromised", action="store_true", help="drop all keys; every token is refused"
    )
    given = parser.parse_args(arguments)
    wanted = Wanted.NOW if given.now else Wanted.READY
    wanted = Wanted.COMPROMISED if given.compromised else wanted
    settings = cast(Settings, runtime.settings)
    begin = runtime.begin_as(process_actor(runtime.service))
    try:
        rotation = await rotate_signing_keys(settings, wanted, begin)
    except Refusal as refusal:
        raise SystemExit(refusal.detail) from refusal
    keys = [{"kid": k.kid, "state": k.state, "since": str(k.since)} for k in rotation.keys]
    sys.stdout.write(json.dumps({"keys": keys}) + "\n")
