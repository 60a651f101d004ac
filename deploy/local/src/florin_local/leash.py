"""Ends a server when the interpreter that started it dies, even by SIGKILL."""

import contextlib
import signal
import subprocess

# The shell sleeps in `read` until our end of the pipe is closed, which the system does for us.
_SCRIPT = 'read _; kill -s "$1" "$2" 2>/dev/null'


class Leash:
    """A shell that waits for our death and then signals the server."""

    def __init__(self, pid: int, number: signal.Signals) -> None:
        name = number.name.removeprefix("SIG")
        self._shell = subprocess.Popen(
            ["/bin/sh", "-c", _SCRIPT, "leash", name, str(pid)],
            stdin=subprocess.PIPE,
            start_new_session=True,
        )

    def let_go(self) -> None:
        """Forget the server without touching it."""
        self._shell.kill()
        self._shell.wait()
        if self._shell.stdin:
            with contextlib.suppress(BrokenPipeError):
                self._shell.stdin.close()
