"""Programs we start are found again, stopped with their children, and never mistaken."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from florin_local import process_table
from florin_local.errors import StartFailed
from florin_local.leash import Leash
from florin_local.processes import Process

SLEEP = ["sleep", "1000"]
STUBBORN = ["sh", "-c", "trap '' TERM; echo deaf; while :; do sleep 1; done"]
PARENT = ["sh", "-c", "sleep 1000 & echo $!; wait"]


def process(folder: Path, name: str = "program") -> Process:
    return Process(name, pidfile=folder / f"{name}.pid", log=folder / f"{name}.log")


def start(program: Process, command: list[str], leash: signal.Signals | None = None) -> None:
    environment = {"PATH": os.defpath}
    program.start(command, environment=environment, folder=Path("/"), leash_signal=leash)


def wait_for(condition: Callable[[], object]) -> None:
    deadline = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_another_run_of_ours_finds_and_stops_the_program(tmp_path: Path) -> None:
    start(process(tmp_path), SLEEP)
    found = process(tmp_path)
    assert found.pid
    found.stop()
    assert not found.running
    assert not found.pidfile.exists()


def test_a_stranger_with_the_same_pid_is_left_alone(tmp_path: Path) -> None:
    with subprocess.Popen(SLEEP, start_new_session=True) as stranger:
        ours = process(tmp_path)
        ours.pidfile.write_text(f"{stranger.pid} another-start\n")
        assert not ours.running
        ours.kill()
        assert stranger.poll() is None
        stranger.kill()


def test_a_program_that_ignores_the_request_is_killed_after_the_grace_time(tmp_path: Path) -> None:
    program = process(tmp_path)
    start(program, STUBBORN)
    wait_for(lambda: "deaf" in program.last_lines())
    program.stop(grace_s=0.1)
    assert not program.running


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_children_end_with_their_parent(tmp_path: Path, number: signal.Signals) -> None:
    program = process(tmp_path)
    start(program, PARENT)
    wait_for(lambda: program.last_lines().strip())
    child = int(program.last_lines())
    assert process_table.find(child)
    program.stop(number)
    assert not process_table.find(child)


def test_children_of_a_program_that_has_died_are_stopped_too(tmp_path: Path) -> None:
    program = process(tmp_path)
    start(program, PARENT)
    wait_for(lambda: program.last_lines().strip())
    child = int(program.last_lines())
    program.send(signal.SIGKILL)
    wait_for(lambda: not program.running)
    assert process_table.find(child)
    process(tmp_path).stop()
    assert not process_table.find(child)


def test_a_program_that_ends_at_once_shows_its_last_words(tmp_path: Path) -> None:
    program = process(tmp_path)
    start(program, ["sh", "-c", "echo no database; exit 1"])
    with pytest.raises(StartFailed, match=r"ended before it was ready.*\nno database"):
        program.wait_until(lambda: False, timeout_s=10)


def test_the_last_words_are_those_of_this_start(tmp_path: Path) -> None:
    program = process(tmp_path)
    for word in ("first", "second"):
        start(program, ["echo", word])
        wait_for(lambda: not program.running)
    assert program.last_lines() == "second\n"


def test_a_leashed_program_dies_with_the_interpreter_that_started_it(tmp_path: Path) -> None:
    program = process(tmp_path)
    code = (
        "import os, signal, sys; from pathlib import Path;"
        "from florin_local.processes import Process;"
        "folder = Path(sys.argv[1]);"
        "p = Process('program', pidfile=folder / 'program.pid', log=folder / 'program.log');"
        "p.start(['sleep', '1000'], environment=os.environ, folder=folder,"
        "        leash_signal=signal.SIGTERM);"
        "os.kill(os.getpid(), signal.SIGKILL)"
    )
    subprocess.run([sys.executable, "-c", code, str(tmp_path)], check=False)
    assert program.pidfile.exists()
    wait_for(lambda: not program.running)


def test_a_leash_that_is_let_go_leaves_the_program_alone(tmp_path: Path) -> None:
    program = process(tmp_path)
    start(program, SLEEP)
    assert program.pid
    leash = Leash(program.pid, signal.SIGKILL)
    leash.let_go()
    assert program.running
    program.kill()
