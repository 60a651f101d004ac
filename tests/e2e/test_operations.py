"""The `florin` command line on the whole system, after the story was told on it."""

import os
import subprocess
import sys

import pytest
from tests.shared.databases import Databases

from florin_local.demo.checks import until
from florin_local.demo.tale import Tale
from florin_local.settings import SERVICES
from florin_local.stack import Stack


@pytest.mark.parametrize(
    "command",
    ["verify", "lag --max-age-s 60", "outbox status", "dead-letters list", "topics verify"],
)
def test_nothing_is_found_on_a_sound_system(
    stack: Stack, tale: Tale, databases: Databases, command: str
) -> None:
    assert tale.client_id
    until(databases.expect_settled)
    urls = {f"FLORIN_{s.upper()}_DATABASE_URL": stack.database_url(s) for s in SERVICES}
    answer = subprocess.run(
        [sys.executable, "-m", "florin_operations", *command.split()],
        env=os.environ | urls | {"FLORIN_KAFKA_BOOTSTRAP": stack.kafka_bootstrap},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (answer.returncode, answer.stderr) == (0, ""), answer.stdout
