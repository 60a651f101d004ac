"""The command line of the gateway: `python -m florin_gateway <process>`."""

import argparse
import json
import sys
from collections.abc import Sequence
from typing import Final

import httpx
import uvloop

from florin_chassis.logs import configure_logs
from florin_chassis.published_keys import PublishedKeys
from florin_chassis.serving import http_server, serve_until, stop_signal
from florin_chassis.settings import read_settings
from florin_chassis.telemetry import configure_telemetry
from florin_gateway.answered_here import answered_here
from florin_gateway.app import gateway
from florin_gateway.documents import merge
from florin_gateway.settings import Settings

NAME: Final = "gateway"
_HELP: Final = """processes:
  api        answers HTTP
  openapi    prints the OpenAPI document of what the gateway answers itself, then ends
"""


def main(arguments: Sequence[str] | None = None) -> None:
    """Run one process of the gateway. Exits with 2 on wrong arguments or settings."""
    parser = argparse.ArgumentParser(
        prog="python -m florin_gateway",
        description="The one door: authenticates, routes, composes, protects",
        epilog=_HELP,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("process", choices=("api", "openapi"), metavar="process")
    if parser.parse_args(arguments).process == "openapi":
        json.dump(
            merge({}, answered_here({})), sys.stdout, indent=2, sort_keys=True, ensure_ascii=False
        )
        sys.stdout.write("\n")
        return
    settings = read_settings(Settings)
    configure_logs(NAME, settings.log_level)
    uvloop.run(serve(settings))


async def serve(settings: Settings) -> None:
    """Answer until SIGTERM or SIGINT; requests under way are answered first."""
    stopping = stop_signal()
    provider = configure_telemetry(NAME, settings)
    async with httpx.AsyncClient() as client:
        keys = PublishedKeys(settings.jwks_url, client)
        async with gateway(settings, keys) as app:
            await serve_until(http_server(app, settings), settings.drain_s, stopping)
    provider.shutdown()
