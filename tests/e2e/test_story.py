"""The story through the gateway: told twice in a row, and while services come and go."""

import ast
import sys
from pathlib import Path

from florin_local.demo import listener
from florin_local.demo.api import Gateway
from florin_local.demo.faults import Fault
from florin_local.demo.narrator import Narrator
from florin_local.demo.story import STOPPED_DURING, tell
from florin_local.demo.tale import Tale
from florin_local.settings import SERVICES
from florin_local.stack import Stack


def test_the_story_holds_twice_in_a_row(stack: Stack, narrator: Narrator, tale: Tale) -> None:
    with Gateway(stack.gateway_url) as gateway:
        again = tell(stack, gateway, narrator)
    assert again.client_id != tale.client_id


def test_the_story_holds_while_each_service_is_stopped_and_started(
    stack: Stack, narrator: Narrator, tale: Tale
) -> None:
    assert set(SERVICES) <= set(STOPPED_DURING.values())
    with Gateway(stack.gateway_url) as gateway:
        disturbed = tell(stack, gateway, narrator, Fault.STOP_EACH_SERVICE)
    assert disturbed.client_id != tale.client_id


def test_the_outside_consumer_needs_the_contracts_and_a_kafka_client_alone() -> None:
    tree = ast.parse(Path(listener.__file__).read_text("utf-8"))
    imported = {
        name.partition(".")[0]
        for node in ast.walk(tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
        for name in ([node.module or ""] if isinstance(node, ast.ImportFrom) else _names(node))
    }
    assert imported - sys.stdlib_module_names == {"florin_contracts", "aiokafka"}


def _names(node: ast.Import) -> list[str]:
    return [alias.name for alias in node.names]
