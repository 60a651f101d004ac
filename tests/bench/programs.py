"""Starts a program for a benchmark, knows the moment it is ready, and stops it afterwards."""

import base64
import http.client
import os
import secrets
import signal
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from florin_local.errors import StartFailed
from florin_local.folders import PROJECT
from florin_local.ports import HOST
from florin_local.processes import Process

SECRETS = {"FLORIN_KEY_ENCRYPTION_SECRET": base64.b64encode(secrets.token_bytes(32)).decode()}
"""What the providers service seals with, new in every run."""

_POLL_S = 0.005
_READY_TIMEOUT_S = 60


@contextmanager
def program(
    name: str, command: Sequence[str], environment: Mapping[str, str], folder: Path, port: int
) -> Iterator[Process]:
    """The program, ready; it ends with the block, or with this interpreter however that ends."""
    process = Process(name, pidfile=folder / f"{name}.pid", log=folder / f"{name}.log")
    process.start(command, environment=environment, folder=PROJECT, leash_signal=signal.SIGKILL)
    try:
        _wait_until_ready(process, port)
        yield process
    finally:
        process.stop()


def bare(application: str, port: int, **environment: str) -> tuple[list[str], dict[str, str]]:
    """How to run a baseline's application: one uvicorn process on uvloop and httptools."""
    options = ("--host", HOST, "--port", str(port), "--loop", "uvloop", "--http", "httptools")
    quiet = ("--no-access-log", "--log-level", "warning")
    module = f"tests.bench.baselines.{application}:app"
    return [sys.executable, "-m", "uvicorn", module, *options, *quiet], os.environ | environment


def _wait_until_ready(process: Process, port: int) -> None:
    deadline = time.monotonic() + _READY_TIMEOUT_S
    while not _is_ready(port):
        if not process.running or time.monotonic() > deadline:
            raise StartFailed(process.name, "was not ready", process.last_lines())
        time.sleep(_POLL_S)


def _is_ready(port: int) -> bool:
    connection = http.client.HTTPConnection(HOST, port, timeout=5)
    try:
        connection.request("GET", "/readyz")
        return connection.getresponse().status == http.client.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
