"""The installation that `make up` started on this machine; the only place that knows of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy.engine import make_url

from florin_operations.errors import WrongUsage
from florin_operations.registry import SERVICES
from florin_operations.settings import Installation

if TYPE_CHECKING:
    from florin_local.stack import Stack


def local_stack() -> Installation:
    """What the running stack uses (`FLORIN_FOLDER` names another folder than the project's own)."""
    stack = _stack()
    return Installation(
        brokers=stack.kafka_bootstrap,
        database_urls={name: make_url(stack.database_url(name)) for name in SERVICES},
    )


def local_environment(service: str) -> dict[str, str]:
    """The variables that the running stack has started a service with."""
    return _stack().environment_of(service)


def _stack() -> Stack:
    try:
        from florin_local.settings import configured_folder  # noqa: PLC0415 - not in our images
        from florin_local.stack import Stack  # noqa: PLC0415
    except ImportError as error:
        raise WrongUsage("--stack is for a checkout: florin_local is not installed here") from error
    stack = Stack(configured_folder())
    if not stack.process("postgres").running:
        raise WrongUsage(f"no stack runs in {stack.folder}: make up starts it")
    return stack
