"""The stack starts in order, starts again what died, refuses strangers and leaves no process.

PostgreSQL and Kafka are real here; programs of a few lines stand in for the services, whose own
life is the matter of the end-to-end tests.
"""

import json
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from florin_local import process_table, programs
from florin_local.errors import LocalStackError, PortTaken, StartFailed
from florin_local.ports import is_free
from florin_local.settings import Ports
from florin_local.stack import PARTS, Stack

STAND_IN = Path(__file__).parent / "stand_in" / "program.py"


@pytest.fixture(scope="module", autouse=True)
def stand_ins() -> Iterator[None]:
    def command(name: str, *arguments: str) -> list[str]:
        return [sys.executable, str(STAND_IN), name, *arguments]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(programs, "command", command)
        yield


@pytest.fixture(scope="module")
def stack(session_folder: Path) -> Iterator[Stack]:
    with Stack(session_folder / "stack", Ports.free(), durable=False) as stack:
        yield stack


def pids(stack: Stack) -> dict[str, int | None]:
    return {name: stack.process(name).pid for name in PARTS}


def families(stack: Stack) -> list[process_table.Entry]:
    return [entry for pid in pids(stack).values() if pid for entry in process_table.family(pid)]


def refuse(stack: Stack, name: str, what: str) -> None:
    stack.environment[name] = {"STAND_IN_REFUSES": f"{name} {what}"}


def test_every_part_is_ready_after_up(stack: Stack) -> None:
    assert all(map(stack.is_ready, PARTS))


def test_the_token_of_the_administrator_is_kept_privately(stack: Stack) -> None:
    assert json.loads(stack.administrator_file.read_text())["invitation_token"] == "once"
    assert stack.administrator_file.stat().st_mode & 0o777 == 0o600


def test_up_again_says_so_and_touches_nothing(stack: Stack) -> None:
    before, steps = pids(stack), list[str]()
    stack.up(steps.append)
    assert steps == ["everything is up already"]
    assert pids(stack) == before


def test_up_again_starts_what_died_and_only_that(stack: Stack) -> None:
    before = pids(stack)
    stack.kill_service("clients")
    stack.up()
    after = pids(stack)
    assert {name for name in PARTS if before[name] != after[name]} == {"clients"}
    assert all(map(stack.is_ready, PARTS))


def test_a_service_is_stopped_and_started_alone(stack: Stack) -> None:
    stack.stop_service("payers")
    assert not stack.is_ready("payers")
    stack.start_service("payers")
    assert stack.is_ready("payers")


def test_another_command_finds_the_running_stack_on_its_own_ports(stack: Stack) -> None:
    found = Stack(stack.folder)
    assert found.ports == stack.ports
    assert found.gateway_url == stack.gateway_url
    assert found.database_url("payers") == stack.database_url("payers")
    assert all(map(found.is_ready, PARTS))


def test_other_ports_than_those_of_the_running_stack_are_refused(stack: Stack) -> None:
    with pytest.raises(LocalStackError, match="make down first"):
        Stack(stack.folder, Ports.free()).up()


def test_a_second_stack_refuses_the_ports_of_the_first(stack: Stack, folder: Path) -> None:
    with pytest.raises(PortTaken, match=r"set FLORIN_PORT_\w+ to a free one"):
        Stack(folder, stack.ports).up()


def test_a_service_that_ends_while_starting_shows_the_end_of_its_log(stack: Stack) -> None:
    stack.stop_service("payers")
    refuse(stack, "payers", "all")
    with pytest.raises(StartFailed, match="payers refuses to all"):
        stack.up()
    refuse(stack, "payers", "migrate")
    with pytest.raises(StartFailed, match="payers refuses to migrate"):
        stack.up()
    stack.environment.clear()
    stack.up()


def test_down_leaves_no_process_and_keeps_the_data(stack: Stack) -> None:
    before = families(stack)
    assert len(before) > len(PARTS), "PostgreSQL has children"
    stack.process("gateway").send(signal.SIGSTOP)
    Stack(stack.folder).down()
    assert not [entry for entry in before if process_table.find(entry.pid) == entry]
    assert all(map(is_free, stack.ports.as_dict().values()))
    assert stack.postgres.data_dir.exists()
    stack.up()


def test_down_after_half_a_start_cleans_up(folder: Path) -> None:
    stack = Stack(folder, Ports.free(), durable=False)
    refuse(stack, "clients", "migrate")
    with pytest.raises(StartFailed):
        stack.up()
    left = families(stack)
    assert left
    stack.down(wipe=True)
    assert not [entry for entry in left if process_table.find(entry.pid) == entry]
    assert [path.name for path in folder.iterdir()] == ["lock"]
