"""Makes the first administrator, once, and keeps the one-time token for the person at work here."""

import json
import subprocess
from collections.abc import Mapping
from pathlib import Path

from florin_local import programs
from florin_local.errors import StartFailed
from florin_local.folders import PROJECT
from florin_local.secrets import write_privately

EMAIL = "administrator@example.com"


def install_administrator(*, environment: Mapping[str, str], log: Path, file: Path) -> bool:
    """Whether an administrator was made now; if so, the token is in the file."""
    with log.open("ab") as errors:
        # The answer holds a secret, so it goes through a pipe and never into a log.
        answer = subprocess.run(
            programs.command("identity", "install", "--email", EMAIL),
            env=dict(environment),
            cwd=PROJECT,
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
            check=False,
        )
    if answer.returncode != 0:
        reason = f"ended with code {answer.returncode}"
        raise StartFailed("identity install", reason, log.read_text(errors="replace")[-2000:])
    installed = json.loads(answer.stdout.splitlines()[-1])
    if installed["invitation_token"] is None:
        return False
    write_privately(file, installed | {"email": EMAIL})
    return True
