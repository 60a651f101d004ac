"""Starts programs that outlive us, finds them again later, and stops them with their children."""

import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from florin_local import process_table
from florin_local.accounts import Account, run_as
from florin_local.errors import StartFailed
from florin_local.leash import Leash

_POLL_S = 0.02
_LOG_LINES_SHOWN = 25


class Process:
    """One program, remembered in a pidfile that names it by id and by start time.

    Another run of ours finds the same program through the pidfile. A pid that the system has
    given to somebody else in the meantime does not match, so a stranger is never signalled.
    """

    def __init__(self, name: str, *, pidfile: Path, log: Path) -> None:
        self.name = name
        self.pidfile = pidfile
        self.log = log
        self._child: subprocess.Popen[bytes] | None = None
        self._leash: Leash | None = None

    @property
    def pid(self) -> int | None:
        """The id of the running program, or None."""
        entry = self._entry()
        return entry.pid if entry else None

    @property
    def running(self) -> bool:
        """Whether the program we started is still there."""
        return self._entry() is not None

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
        if self.running:
            return
        for parent in (self.pidfile.parent, self.log.parent):
            parent.mkdir(parents=True, exist_ok=True)
        with self.log.open("ab") as log:
            self._child = subprocess.Popen(
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
        if self._leash:
            self._leash.let_go()
            self._leash = None
        if entry := self._entry():
            family = process_table.family(entry.pid)
            _send(entry.pid, number)
            if not self._gone_within([entry], grace_s):
                _send_all([entry], signal.SIGKILL)
            # Children follow their parent by themselves as a rule; the rest are made to.
            if not self._gone_within(family, 1):
                _send_all(family, signal.SIGKILL)
                self._gone_within(family, 5)
        self.pidfile.unlink(missing_ok=True)

    def kill(self) -> None:
        """End the program and its children without warning, as a crash would."""
        self.stop(signal.SIGKILL, grace_s=5)

    def last_lines(self, count: int = _LOG_LINES_SHOWN) -> str:
        """The end of the log, for a person to read."""
        if not self.log.exists():
            return "(no log)"
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-count:])

    def _remember(self, child: subprocess.Popen[bytes]) -> None:
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
        try:
            pid, started = self.pidfile.read_text().split(maxsplit=1)
        except (FileNotFoundError, ValueError):
            return None
        entry = process_table.find(int(pid))
        return entry if entry and entry.started == started.strip() else None

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
        if self._child:
            self._child.poll()


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
