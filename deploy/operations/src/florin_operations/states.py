"""State topics and what others build from them: stated again, built anew."""

from typing import Annotated

import typer

from florin_operations.options import Json, Service, Stack
from florin_operations.own_command import run_own_command

states = typer.Typer(no_args_is_help=True, help="The latest public state of every aggregate.")
projections = typer.Typer(no_args_is_help=True, help="What a service keeps of others' states.")


@states.command()
def restate(
    service: Service,
    aggregates: Annotated[
        list[str] | None, typer.Argument(help="Kinds of aggregates, such as client; none means all")
    ] = None,
    *,
    after: Annotated[
        str | None, typer.Option(help="Go on after this id, where an earlier run was cut short.")
    ] = None,
    stack: Stack = False,
    as_json: Json = False,
) -> None:
    """Have a service state its aggregates again, on their state topics; twice does no harm."""
    going_on = ["--after", after] if after else []
    arguments = [*(aggregates or []), *going_on]
    run_own_command(service, "restate", arguments, stack=stack, as_json=as_json)


@projections.command()
def rebuild(
    service: Service,
    topics: Annotated[
        list[str] | None, typer.Argument(help="Topics of facts; none means all it projects")
    ] = None,
    *,
    stack: Stack = False,
    as_json: Json = False,
) -> None:
    """Build a service's projections anew from the state topics, while the service goes on."""
    run_own_command(service, "rebuild", topics or [], stack=stack, as_json=as_json)
