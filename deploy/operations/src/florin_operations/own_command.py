"""Runs a command of a service's own code: what only that code knows how to do.

Inside a pod of the service its settings are there already; with `--stack` they are the stack's.
"""

import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from importlib.util import find_spec

from florin_operations.errors import OperationsError, WrongUsage
from florin_operations.local_stack import local_environment
from florin_operations.options import scope
from florin_operations.output import print_json
from florin_operations.settings import OWN_DATABASE, database_variable


class CommandEnded(OperationsError):
    """The service's command has said itself what is wrong; its exit code is ours."""

    def __init__(self, command: str, exit_code: int) -> None:
        super().__init__(f"{command} ended with {exit_code}")
        self.exit_code = exit_code


def run_own_command(
    service: str, command: str, arguments: Sequence[str], *, stack: bool, as_json: bool
) -> None:
    """Run it to its end. Raises `WrongUsage` where the service's code is not installed."""
    scope(stack=stack, services=[service])
    module = f"florin_{service}"
    line = f"python -m {' '.join([module, command, *arguments])}"
    if find_spec(module) is None:
        raise WrongUsage(f"the code of {service} is not installed here. In a pod of it: {line}")
    ended = subprocess.run(
        [sys.executable, "-m", module, command, *arguments],
        env=_environment(service, stack=stack),
        stdout=sys.stderr if as_json else None,
        check=False,
    )
    if as_json:
        print_json({"service": service, "command": line, "exit_code": ended.returncode})
    if ended.returncode:
        raise CommandEnded(line, ended.returncode)


def _environment(service: str, *, stack: bool) -> Mapping[str, str]:
    if stack:
        return {**os.environ, **local_environment(service)}
    named = os.environ.get(database_variable(service))
    return {**os.environ, OWN_DATABASE: named} if named else dict(os.environ)
