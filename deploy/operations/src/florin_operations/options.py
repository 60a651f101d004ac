"""The options that every command has, and what they are turned into."""

import asyncio
from collections.abc import Coroutine, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, TypeAlias, TypeVar

import typer

from florin_operations.errors import WrongUsage
from florin_operations.local_stack import local_stack
from florin_operations.registry import SERVICES
from florin_operations.settings import Installation, from_environment, with_own_database

T = TypeVar("T")
Json: TypeAlias = Annotated[bool, typer.Option("--json", help="Print JSON, for a script.")]
Stack: TypeAlias = Annotated[
    bool, typer.Option("--stack", help="Work on what `make up` started on this machine.")
]
Services: TypeAlias = Annotated[
    list[str] | None,
    typer.Option("--service", help="Only this service; may be given more than once."),
]
Service: TypeAlias = Annotated[str, typer.Argument(help=f"One of {', '.join(SERVICES)}.")]
Yes: TypeAlias = Annotated[bool, typer.Option("--yes", help="Do it without asking.")]


@dataclass(frozen=True)
class Scope:
    """The installation that is meant, and the services of it."""

    installation: Installation
    services: tuple[str, ...]


def scope(*, stack: bool, services: Sequence[str] | None = None) -> Scope:
    """Raises `WrongUsage` for a service or a setting that cannot be meant."""
    for service in services or ():
        if service not in SERVICES:
            raise WrongUsage(f"there is no service {service!r}: one of {', '.join(SERVICES)}")
    installation = local_stack() if stack else from_environment()
    if services and len(services) == 1 and not stack:
        installation = with_own_database(installation, services[0])
    return Scope(installation, tuple(dict.fromkeys(services or SERVICES)))


def finish(work: Coroutine[Any, Any, T]) -> T:
    """Run a command's work to its end."""
    return asyncio.run(work)


def confirm(question: str, *, yes: bool) -> None:
    """Ask before anything is changed; raises `WrongUsage` where nobody can answer."""
    if yes:
        return
    try:
        typer.confirm(question, abort=True, err=True)
    except typer.Abort:
        raise WrongUsage("nothing was done: answer yes, or give --yes") from None
