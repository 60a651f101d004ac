"""The commands behind the Makefile: `python -m florin_local up`, `down`, `demo`."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated

import typer

from florin_local.demo.api import Gateway
from florin_local.demo.faults import Fault
from florin_local.demo.narrator import Narrator
from florin_local.demo.story import tell
from florin_local.errors import LocalStackError
from florin_local.settings import Ports, configured_folder
from florin_local.stack import HTTP_PARTS, PARTS, Stack

app = typer.Typer(
    help="Florin on this machine, for real: PostgreSQL, Kafka, four services and the gateway.",
    no_args_is_help=True,
    add_completion=False,
)

_INTERRUPTED = 130


@app.command()
def up() -> None:
    """Start everything that does not run; return when every /readyz says yes."""
    with _plain_errors():
        stack = Stack(configured_folder(), Ports.configured())
        progress = _Progress()
        stack.up(progress.step)
        progress.step(f"Florin is up: {stack.gateway_url}")


@app.command()
def down(
    *, wipe: Annotated[bool, typer.Option(help="Remove data, logs and secrets as well.")] = False
) -> None:
    """Stop everything and leave no process; the data stays."""
    with _plain_errors():
        progress = _Progress()
        Stack(configured_folder()).down(progress.step, wipe=wipe)
        progress.step("Florin is down")


@app.command()
def status() -> None:
    """Say what runs and what is ready; exit with 0 if everything is."""
    with _plain_errors():
        stack = Stack(configured_folder())
        ready = {name: stack.is_ready(name) for name in PARTS}
        for name in PARTS:
            pid = stack.process(name).pid
            state = "ready" if ready[name] else "not ready" if pid else "stopped"
            port = stack.ports.of(name)
            where = stack.service_url(name) if name in HTTP_PARTS else f"port {port}"
            typer.echo(f"{name:10} {state:10} {pid or '-':>8}  {where}")
    raise typer.Exit(0 if all(ready.values()) else 1)


@app.command(context_settings={"allow_extra_args": True, "ignore_unknown_options": True})
def run(context: typer.Context, part: str) -> None:
    """Run one process of a part as it runs here: `run providers revision "Support email"`."""
    with _plain_errors():
        environment = Stack(configured_folder()).environment_of(part)
    command = [sys.executable, "-m", f"florin_{part}", *context.args]
    finished = subprocess.run(command, env=os.environ | environment, check=False)
    raise typer.Exit(finished.returncode)


@app.command()
def demo(
    *, fault: Annotated[Fault | None, typer.Option(help="Done to the system meanwhile.")] = None
) -> None:
    """Tell the whole story through the gateway; exit with 1 at the first step that fails."""
    with _plain_errors():
        stack = Stack(configured_folder(), Ports.configured())
        stack.up(_Progress().step)
        with Gateway(stack.gateway_url) as gateway:
            tell(stack, gateway, Narrator(), fault)


class _Progress:
    """One line per step, with the seconds since the start."""

    def __init__(self) -> None:
        self._started = time.monotonic()

    def step(self, text: str) -> None:
        typer.echo(f"{time.monotonic() - self._started:6.1f} s  {text}")


@contextmanager
def _plain_errors() -> Iterator[None]:
    try:
        yield
    except LocalStackError as error:
        typer.echo(f"florin: {error}", err=True)
        raise typer.Exit(error.exit_code) from error
    except KeyboardInterrupt:
        typer.echo("florin: interrupted; `make down` stops what has started", err=True)
        sys.exit(_INTERRUPTED)
