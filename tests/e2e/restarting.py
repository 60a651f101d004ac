"""A service of the stack runs with other settings for a while."""

from collections.abc import Iterator
from contextlib import contextmanager

from florin_local.stack import Stack


@contextmanager
def started_with(stack: Stack, service: str, variables: dict[str, str]) -> Iterator[None]:
    """The service runs with these variables too; then as usual again."""
    usual = stack.environment.get(service, {})
    for environment in (usual | variables, usual):
        stack.environment[service] = environment
        stack.stop_service(service)
        stack.start_service(service)
        if environment is not usual:
            yield
