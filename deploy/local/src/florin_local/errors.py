"""What can stop the local stack from starting, each with the exit code a script can act on.

LocalStackError
├── ToolMissing     something has to be installed first
├── PortTaken       somebody else's server listens where ours should
├── FolderClosed    an unprivileged server cannot reach its own files
└── StartFailed     our own process started and gave up
"""

from pathlib import Path


class LocalStackError(Exception):
    """A reason that a person can act on; the message says how."""

    exit_code = 1


class ToolMissing(LocalStackError):
    """A tool is not on this machine and cannot be fetched without help."""

    exit_code = 3


class PortTaken(LocalStackError):
    """A port that we need answers to a process that is not ours."""

    exit_code = 3

    def __init__(self, port: int, variable: str | None = None) -> None:
        remedy = f"set {variable} to a free one" if variable else "choose a free one"
        super().__init__(f"port {port} is taken by another program: stop it, or {remedy}")
        self.port = port
        self.variable = variable


class FolderClosed(LocalStackError):
    """PostgreSQL refuses to run as root, and its unprivileged user may not enter a folder."""

    exit_code = 3

    def __init__(self, folder: Path, user: str) -> None:
        super().__init__(
            f"user {user!r} may not enter {folder}, and PostgreSQL does not run as root: "
            f"move the project out of it, allow passing through (chmod o+x {folder}), "
            "or start as an ordinary user"
        )
        self.folder = folder


class StartFailed(LocalStackError):
    """A process of ours ended, or stayed silent, before it was ready."""

    def __init__(self, name: str, reason: str, last_lines: str) -> None:
        super().__init__(f"{name} {reason}; the end of its log:\n{last_lines}")
        self.name = name
