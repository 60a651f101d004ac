"""Both programs, each on topics and a file of its own."""

from collections.abc import AsyncIterator, Iterator, Sequence
from pathlib import Path
from uuid import uuid4

import pytest
from tests.outsiders.log import Log
from tests.outsiders.programs import Program, java_command, python_command

from florin_local.kafka import Kafka


@pytest.fixture(scope="session", params=["python", "java"])
def command(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Sequence[str]:
    if request.param == "python":
        return python_command()
    return java_command(tmp_path_factory.mktemp("classes"))


@pytest.fixture
async def log(kafka: Kafka) -> AsyncIterator[Log]:
    async with Log(kafka.bootstrap, f"outside-{uuid4().hex[:8]}.") as log:
        yield log


@pytest.fixture
def program(log: Log, command: Sequence[str], tmp_path: Path) -> Iterator[Program]:
    program = Program(command, log.bootstrap, log.prefix, tmp_path)
    yield program
    program.process.kill()
