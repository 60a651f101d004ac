"""Waits for many processes at once, and gives up as soon as one of them has."""

import time
from collections.abc import Callable, Iterable, Mapping

import httpx

from florin_local import process_table
from florin_local.errors import StartFailed
from florin_local.processes import Process

_POLL_S = 0.05


def is_ready(base_url: str) -> bool:
    """Whether /readyz says yes."""
    try:
        # A proxy from the environment has no business between two ends of one machine.
        # Nor has TLS: without `verify` no certificates are loaded at each look.
        answer = httpx.get(f"{base_url}/readyz", timeout=5, trust_env=False, verify=False)  # noqa: S501 - plain HTTP
    except httpx.TransportError:
        return False
    return answer.status_code == httpx.codes.OK


def wait_until_ready(
    base_urls: Mapping[Process, str], *, timeout_s: float, on_ready: Callable[[str], None]
) -> None:
    """Return when every /readyz says yes. Raises StartFailed for the first that will not."""
    waiting = dict(base_urls)
    deadline = time.monotonic() + timeout_s
    while waiting:
        for process, base_url in list(waiting.items()):
            # Asked first, so that an answer is known to come from a process that is ours.
            running = process.running
            if running and is_ready(base_url):
                del waiting[process]
                on_ready(process.name)
            elif not running:
                raise StartFailed(process.name, "ended before it was ready", process.last_lines())
            elif time.monotonic() > deadline:
                reason = f"was not ready after {timeout_s:.0f} s"
                raise StartFailed(process.name, reason, process.last_lines())
        time.sleep(_POLL_S)


def wait_until_done(processes: Iterable[Process], *, timeout_s: float) -> None:
    """Return when all have ended well. Raises StartFailed for the first that has not."""
    waiting = list(processes)
    deadline = time.monotonic() + timeout_s
    while waiting:
        for process in list(waiting):
            if process.exit_code is None and time.monotonic() > deadline:
                reason = f"was not done after {timeout_s:.0f} s"
                raise StartFailed(process.name, reason, process.last_lines())
            if process.exit_code:
                reason = f"ended with code {process.exit_code}"
                raise StartFailed(process.name, reason, process.last_lines())
            if process.exit_code == 0:
                waiting.remove(process)
        time.sleep(_POLL_S)


def wait_until_unlisted(pids: Iterable[int], *, timeout_s: float) -> None:
    """Return when the system shows none of these ended processes any more, or after the time."""
    waiting = list(pids)
    deadline = time.monotonic() + timeout_s
    while waiting and time.monotonic() < deadline:
        waiting = [pid for pid in waiting if process_table.listed(pid)]
        time.sleep(_POLL_S if waiting else 0)
