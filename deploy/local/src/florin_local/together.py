"""Runs a few slow jobs side by side."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor


def together(*jobs: Callable[[], object]) -> None:
    """Return when all have ended; the first failure is raised after the others' end."""
    if not jobs:
        return
    with ThreadPoolExecutor(max_workers=len(jobs)) as executor:
        futures = [executor.submit(job) for job in jobs]
    for future in futures:
        future.result()
