"""What the operating system knows about running processes, enough to tell ours from strangers."""

import os
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

_PROC = Path("/proc")


@dataclass(frozen=True)
class Entry:
    """One live process. `pid` alone is reused by the system; `pid` and `started` are not."""

    pid: int
    parent: int
    group: int
    started: str


def find(pid: int) -> Entry | None:
    """The live process with this id; a zombie is dead already."""
    if not _has_proc():
        return next((entry for entry in _from_ps(["-p", str(pid)]) if entry.pid == pid), None)
    return _from_proc(pid)


def family(pid: int) -> list[Entry]:
    """The process, everything in its process group and all their descendants."""
    entries = {entry.pid: entry for entry in _all()}
    members = {entry.pid for entry in entries.values() if pid in (entry.pid, entry.group)}
    grown = True
    while grown:
        children = {e.pid for e in entries.values() if e.parent in members} - members
        members |= children
        grown = bool(children)
    return [entries[member] for member in sorted(members)]


def listed(pid: int) -> bool:
    """Whether the system still shows the process, if only as a zombie for its parent to reap."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _all() -> Iterator[Entry]:
    if not _has_proc():
        yield from _from_ps(["-A"])
        return
    for folder in _PROC.iterdir():
        if folder.name.isdigit() and (entry := _from_proc(int(folder.name))):
            yield entry


def _from_proc(pid: int) -> Entry | None:
    try:
        line = (_PROC / str(pid) / "stat").read_text()
    except OSError:
        return None
    # The command's name stands in parentheses and may itself contain some.
    fields = line.rpartition(")")[2].split()
    # Killed threads that are still on their way out hold the sockets of a process open.
    threads = int(fields[17])
    if fields[0] in "ZX" and threads <= 1:
        return None
    # Ticks since boot do not move when somebody sets the clock, unlike a time of day.
    started = f"{_boot_id()}:{fields[19]}"
    return Entry(pid, int(fields[1]), int(fields[2]), started)


def _from_ps(selection: list[str]) -> Iterator[Entry]:
    columns = "pid=,ppid=,pgid=,stat=,lstart="
    answer = subprocess.run(
        ["ps", *selection, "-o", columns], capture_output=True, text=True, check=False
    )
    for line in answer.stdout.splitlines():
        pid, parent, group, state, started = line.split(maxsplit=4)
        if not state.startswith("Z"):
            yield Entry(int(pid), int(parent), int(group), started.strip())


@cache
def _has_proc() -> bool:
    return (_PROC / "self" / "stat").exists()


@cache
def _boot_id() -> str:
    return (_PROC / "sys" / "kernel" / "random" / "boot_id").read_text().strip()
