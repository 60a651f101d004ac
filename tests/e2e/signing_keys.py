"""The installation's signing keys, as an operator changes them and as tokens name them."""

import base64
import json
import os
import subprocess
from typing import Any

from florin_local import programs
from florin_local.stack import Stack


def rotate_keys(stack: Stack, option: str) -> list[dict[str, Any]]:
    """Run the operator's command; the keys as it prints them."""
    rotated = subprocess.run(
        programs.command("identity", "rotate-keys", option),
        env=os.environ | stack.environment_of("identity"),
        capture_output=True,
        text=True,
        check=True,
    )
    keys: list[dict[str, Any]] = json.loads(rotated.stdout.splitlines()[-1])["keys"]
    return keys


def kid_of(token: str) -> str:
    """The key that a token says it was signed with."""
    header = token.split(".", maxsplit=1)[0]
    return str(json.loads(base64.urlsafe_b64decode(header + "=" * (-len(header) % 4)))["kid"])
