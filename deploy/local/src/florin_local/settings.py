"""Where the local stack lives and on which ports: defaults, and the variables that move them."""

import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Self

from florin_local.errors import LocalStackError
from florin_local.folders import FLORIN
from florin_local.ports import free_port

SERVICES = ("identity", "providers", "clients", "payers")
GATEWAY = "gateway"

_HIGHEST_PORT = 65_535


@dataclass(frozen=True)
class Ports:
    """One TCP port per part of the stack."""

    gateway: int = 8080
    identity: int = 8081
    providers: int = 8082
    clients: int = 8083
    payers: int = 8084
    postgres: int = 15432
    kafka: int = 19092

    @classmethod
    def configured(cls, environment: Mapping[str, str] = os.environ) -> Self:
        """The defaults, each movable by its variable, such as FLORIN_PORT_GATEWAY."""
        names = [field.name for field in fields(cls)]
        given = {
            name: environment[port_variable(name)]
            for name in names
            if port_variable(name) in environment
        }
        return cls(**{name: _number(port_variable(name), text) for name, text in given.items()})

    @classmethod
    def free(cls) -> Self:
        """Ports that nobody uses now, for a stack beside another."""
        taken: dict[str, int] = {}
        for field in fields(cls):
            port = free_port()
            while port in taken.values():
                port = free_port()
            taken[field.name] = port
        return cls(**taken)

    def of(self, name: str) -> int:
        """The port of one part."""
        return self.as_dict()[name]

    def as_dict(self) -> dict[str, int]:
        """Every part's name and port."""
        return asdict(self)


def port_variable(name: str) -> str:
    """The environment variable that sets the port of one part."""
    return f"FLORIN_PORT_{name.upper()}"


def configured_folder(environment: Mapping[str, str] = os.environ) -> Path:
    """The project's own folder unless FLORIN_FOLDER names another."""
    return Path(environment.get("FLORIN_FOLDER", FLORIN)).resolve()


def _number(variable: str, text: str) -> int:
    if not text.isdecimal() or not 0 < int(text) <= _HIGHEST_PORT:
        raise LocalStackError(f"{variable} is {text!r}, not a port number")
    return int(text)
