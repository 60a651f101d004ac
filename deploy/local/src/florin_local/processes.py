"""Starts programs that outlive us, finds them again later, and stops them with their children."""

import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from florin_local import process_table
from florin_local.accounts import Account, run_as
from florin_local.errors import LocalStackError, StartFailed
from florin_local.leash import Leash

_POLL_S = 0.02
_FAMILY_GRACE_S = 1
_KILL_TIMEOUT_S = 5
_LOG_LINES_SHOWN = 25


class _Detached(subprocess.Popen[bytes]):
    """A child that may well outlive our interest in it, of which Popen would warn."""

    def __del__(self) -> None:
        if self.poll() is None:
            self.returncode = 0
        super().__del__()


class Process:
    """One program, remembered in a pidfile that names it by id and by start time.

    Another run of ours finds the same program through the pidfile. A pid that the system has
    given to somebody else in the meantime does not match, so a stranger is never signalled.
    """

    def __init__(self, name: str, *, pidfile: Path, log: Path) -> None:
        self.name = name
        self.pidfile = pidfile
        self.log = log
        self._child: _Detached | None = None
        self._leash: Leash | None = None
        self._log_start = 0

    @property
    def pid(self) -> int | None:
        """The id of the running program, or None."""
        entry = self._entry()
        return entry.pid if entry else None

    @property
    def running(self) -> bool:
        """Whether the program we started is still there."""
        return self._entry() is not None

    @property
    def exit_code(self) -> int | None:
        """How the program ended; None while it runs or when another run of ours started it."""
        self._reap()
        return self._child.returncode if self._child else None

    def start(
        self,
        command: Sequence[str | Path],
        *,
        environment: Mapping[str, str],
        folder: Path,
        account: Account | None = None,
        leash_signal: signal.Signals | None = None,
    ) -> None:
        """Start detached, output to the log; with a leash it dies when this interpreter does."""
        for parent in (self.pidfile.parent, self.log.parent):
            parent.mkdir(parents=True, exist_ok=True)
        self.pidfile.unlink(missing_ok=True)
        with self.log.open("ab") as log:
            self._log_start = log.tell()
            self._child = _Detached(
                [str(word) for word in command],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                env=dict(environment),
                cwd=folder,
                start_new_session=True,
                **run_as(account),
            )
        self._remember(self._child)
        if leash_signal is not None:
            self._leash = Leash(self._child.pid, leash_signal)

    def wait_until(self, ready: Callable[[], bool], *, timeout_s: float) -> None:
        """Poll until ready. Raises StartFailed if the program ends or the time is over."""
        deadline = time.monotonic() + timeout_s
        while not ready():
            if not self.running:
                raise StartFailed(self.name, "ended before it was ready", self.last_lines())
            if time.monotonic() > deadline:
                reason = f"was not ready after {timeout_s:.0f} s"
                raise StartFailed(self.name, reason, self.last_lines())
            time.sleep(_POLL_S)

    def send(self, number: signal.Signals) -> None:
        """Send a signal to the program itself, if it runs."""
        if (pid := self.pid) is not None:
            _send(pid, number)

    def stop(self, number: signal.Signals = signal.SIGTERM, *, grace_s: float = 10) -> None:
        """Ask the program to end, insist after the grace time, and leave none of its children."""
        self._let_go()
        family = self._family()
        if entry := self._entry():
            _send(entry.pid, number)
            # One that was paused cannot hear us before it is let on.
            _send(entry.pid, signal.SIGCONT)
            if not self._gone_within([entry], grace_s):
                _send_all([entry], signal.SIGKILL)
        # Children follow their parent by themselves as a rule; the rest are made to.
        if not self._gone_within(family, _FAMILY_GRACE_S):
            _send_all(family, signal.SIGKILL)
            if not self._gone_within(family, _KILL_TIMEOUT_S):
                raise LocalStackError(f"{self.name} does not end: {_pids(family)}")
        self.pidfile.unlink(missing_ok=True)

    def kill(self) -> None:
        """End the program and its children without warning, as a crash would."""
        self.stop(signal.SIGKILL, grace_s=5)

    def last_lines(self, count: int = _LOG_LINES_SHOWN) -> str:
        """The end of what this start of the program has logged, for a person to read."""
        if not self.log.exists():
            return "(no log)"
        with self.log.open(errors="replace") as log:
            log.seek(self._log_start)
            return "".join(log.readlines()[-count:])

    def _remember(self, child: _Detached) -> None:
        try:
            entry = process_table.find(child.pid)
            # A program that ended at once leaves no entry; wait_until tells its story.
            if entry:
                draft = self.pidfile.with_suffix(".new")
                draft.write_text(f"{entry.pid} {entry.started}\n")
                draft.replace(self.pidfile)
        except BaseException:
            # Without a pidfile nobody would ever find it again.
            child.kill()
            raise

    def _entry(self) -> process_table.Entry | None:
        self._reap()
        if not (recorded := self._recorded()):
            return None
        pid, started = recorded
        entry = process_table.find(pid)
        return entry if entry and entry.started == started else None

    def _family(self) -> list[process_table.Entry]:
        if not (recorded := self._recorded()):
            return []
        pid, started = recorded
        leader = process_table.find(pid)
        # A dead leader's id is not given away while its group has members: they are still ours.
        if leader and leader.started != started:
            return []
        return process_table.family(pid)

    def _recorded(self) -> tuple[int, str] | None:
        try:
            pid, started = self.pidfile.read_text().split(maxsplit=1)
        except (FileNotFoundError, ValueError):
            return None
        return int(pid), started.strip()

    def _gone_within(self, entries: list[process_table.Entry], seconds: float) -> bool:
        deadline = time.monotonic() + seconds
        while any(map(_alive, entries)):
            if time.monotonic() > deadline:
                return False
            time.sleep(_POLL_S)
            self._reap()
        self._reap()
        return True

    def _reap(self) -> None:
        if self._child and self._child.poll() is not None:
            # The pid is free for somebody else now, whom the leash must never meet.
            self._let_go()

    def _let_go(self) -> None:
        if self._leash:
            self._leash.let_go()
            self._leash = None


def _pids(entries: list[process_table.Entry]) -> str:
    return ", ".join(str(entry.pid) for entry in entries if _alive(entry))


def _alive(entry: process_table.Entry) -> bool:
    now = process_table.find(entry.pid)
    return now is not None and now.started == entry.started


def _send_all(entries: list[process_table.Entry], number: signal.Signals) -> None:
    for entry in filter(_alive, entries):
        _send(entry.pid, number)


def _send(pid: int, number: signal.Signals) -> None:
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        return
