"""What ends a command, each with the exit code that a script can act on.

OperationsError
├── Found         1  something is not as it must be
├── WrongUsage    2  a setting or an argument is missing or wrong
└── Unreachable   3  Kafka or a database does not answer, or refuses us
"""


class OperationsError(Exception):
    """A reason that a person can act on; the message says how."""

    exit_code = 1


class Found(OperationsError):
    """A finding: the command did its work, and what it looked at is not well."""


class WrongUsage(OperationsError):
    """The command cannot know what is meant."""

    exit_code = 2


class Unreachable(OperationsError):
    """A server that the command needs does not answer, or does not let us in."""

    exit_code = 3
