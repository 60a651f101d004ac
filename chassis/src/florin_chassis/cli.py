"""The command line of every service: `python -m florin_<name> <process>`."""

import argparse
import asyncio
import json
import sys
from collections.abc import Sequence

import uvloop

from florin_chassis.garbage import tune_collector
from florin_chassis.logs import configure_logs
from florin_chassis.processes import run_service, running
from florin_chassis.service import Service, create_app
from florin_chassis.settings import HttpSettings, ServiceSettings, read_settings

PROCESSES = ("api", "relay", "consumer", "scheduler")
_INTERRUPTED = 130
_HELP = """processes:
  api        answers HTTP
  relay      moves committed events to Kafka
  consumer   handles the events of other services
  scheduler  runs what is due every so often
{parts}  all        the above in one process, for a laptop
  migrate    brings database and topics up to date, then ends
  rebuild    builds the projections of the named topics, or all, anew from the state topics
  restate    states the named kinds of aggregates again, or all, on their state topics
  revision   writes the next migration, its title given, against a migrated database
  openapi    prints the OpenAPI document, then ends
"""


def main(service: Service, arguments: Sequence[str] | None = None) -> None:
    """Run one process of the service. Exits with 2 on wrong arguments or settings."""
    processes = _processes(service)
    parser = argparse.ArgumentParser(
        prog=f"python -m florin_{service.name}",
        description=service.title,
        epilog=_help(service),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    names = [*processes, "migrate", "rebuild", "restate", "revision", "openapi", *service.commands]
    parser.add_argument("process", choices=names, metavar="process")
    parsed, rest = parser.parse_known_args(arguments)
    if rest and parsed.process not in {"rebuild", "restate", "revision", *service.commands}:
        parser.error(f"unrecognized arguments: {' '.join(rest)}")
    if parsed.process == "openapi":
        print_openapi(service.title, service.routers)
        return
    settings = read_settings(service.settings)
    configure_logs(service.name, settings.log_level)
    tune_collector()
    try:
        uvloop.run(_run(service, settings, parsed.process, rest))
    except KeyboardInterrupt:
        raise SystemExit(_INTERRUPTED) from None


def _processes(service: Service) -> dict[str, frozenset[str]]:
    """The processes that run until they are stopped, and the parts that each consists of."""
    single = {name: frozenset({name}) for name in (*PROCESSES, *service.parts)}
    return {**single, "all": frozenset(single)}


def _help(service: Service) -> str:
    parts, commands = (
        "".join(f"  {n}\n" for n in own) for own in (service.parts, service.commands)
    )
    return _HELP.format(parts=parts) + commands


async def _run(
    service: Service, settings: ServiceSettings, process: str, rest: Sequence[str]
) -> None:
    if process == "migrate":
        await _migrate(service, settings)
    elif process == "revision":
        from florin_chassis.migrations import revise  # noqa: PLC0415

        await asyncio.to_thread(revise, service, settings, " ".join(rest))
    elif parts := _processes(service).get(process):
        await run_service(service, settings, parts)
    elif process == "rebuild":
        from florin_chassis.rebuild_command import rebuild_command  # noqa: PLC0415

        async with running(service, settings) as runtime:
            await rebuild_command(runtime, service.subscriptions, rest)
    elif process == "restate":
        from florin_chassis.restate_command import restate_command  # noqa: PLC0415

        async with running(service, settings) as runtime:
            await restate_command(runtime, service.metadata, rest)
    else:
        async with running(service, settings) as runtime:
            await service.commands[process](runtime, rest)


async def _migrate(service: Service, settings: ServiceSettings) -> None:
    """Database and topics, or neither: Kafka is asked first whether it would."""
    from aiokafka.errors import KafkaError  # noqa: PLC0415 - an API needs no client of Kafka's

    from florin_chassis.migrations import (  # noqa: PLC0415 - Alembic is for this alone
        TableInUse,
        migrate,
    )
    from florin_chassis.topics import (  # noqa: PLC0415
        TopicsRefused,
        check_topics,
        create_topics,
    )

    try:
        await check_topics(service.name, settings)
        await asyncio.to_thread(migrate, service, settings)
        await create_topics(service.name, settings)
    except (TableInUse, TopicsRefused) as error:
        raise SystemExit(f"migrate: {error}") from None
    except KafkaError as error:
        raise SystemExit(f"migrate: Kafka at {settings.kafka_bootstrap}: {error}") from None


def print_openapi(title: str, routers: Sequence[object]) -> None:
    """Write the OpenAPI document of these routes to standard output."""
    unused = {"jwks_url": "-", "token_issuer": "-", "kafka_bootstrap": "-"}
    settings = HttpSettings.model_validate(unused)
    app = create_app(title, settings, routers, {})  # type: ignore[arg-type]
    json.dump(app.openapi(), sys.stdout, indent=2, sort_keys=True, ensure_ascii=False)
    sys.stdout.write("\n")
