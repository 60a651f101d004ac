"""The `florin` command line: which commands there are, and how each of them ends."""

import logging
import sys
from collections.abc import Sequence

import structlog
import typer

from florin_operations import dead_letters, kafka_topics, offsets, outbox, states
from florin_operations.errors import OperationsError
from florin_operations.lag import lag
from florin_operations.verify import verify

app = typer.Typer(
    name="florin",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    help="""Looks at the road of Florin's events on a live system, and mends it.

    Where the system is: FLORIN_KAFKA_BOOTSTRAP, FLORIN_TOPIC_PREFIX, and of each service
    FLORIN_<SERVICE>_DATABASE_URL; or --stack for what `make up` started here.

    Exit codes: 0 all is well, 1 a finding, 2 wrong usage, 3 a server does not answer,
    4 a fault of this command itself.""",
)

app.command()(lag)
app.command()(verify)
app.add_typer(kafka_topics.app, name="topics")
app.add_typer(outbox.app, name="outbox")
app.add_typer(dead_letters.app, name="dead-letters")
app.add_typer(offsets.app, name="consumer")
app.add_typer(states.projections, name="projections")
app.add_typer(states.states, name="states")

_INTERRUPTED = 130
_OWN_FAULT = 4


def main(arguments: Sequence[str] | None = None) -> None:
    """Run one command and exit with its code; no way out of it is a traceback."""
    logging.disable(logging.CRITICAL)  # Kafka's client logs what we say in a sentence
    structlog.reset_defaults()
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))
    try:
        app(arguments)
    except OperationsError as error:
        _end(str(error), error.exit_code)
    except KeyboardInterrupt:
        _end("interrupted", _INTERRUPTED)
    except BrokenPipeError:
        sys.stderr.close()  # whoever read our output has seen enough
        raise SystemExit(0) from None
    except Exception as error:  # noqa: BLE001 - whatever it was, it ends in a sentence
        _end(f"a fault of the command itself, please report it: {error!r}", _OWN_FAULT)


def _end(message: str, code: int) -> None:
    typer.echo(f"florin: {message}", err=True)
    raise SystemExit(code)
