"""Where the project's packages are, and their modules parsed."""

import ast
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
ALL = ("contracts", "chassis", "countries", "services/*", "gateway", "deploy/*")
DEPLOYABLES = ("services/*", "gateway")


@dataclass(frozen=True)
class Module:
    """One file of a package, parsed; `place` is its path as a person would open it."""

    package: str
    place: str
    text: str
    tree: ast.Module


def packages(*folders: str) -> list[Path]:
    """The package in each of the given folders' `src`."""
    found = [path.parent for folder in folders for path in ROOT.glob(f"{folder}/src/*/__init__.py")]
    return sorted(found)


@cache
def modules(*folders: str) -> tuple[Module, ...]:
    """Every module of the packages in the given folders."""
    return tuple(
        read(package.name, path)
        for package in packages(*folders)
        for path in sorted(package.rglob("*.py"))
    )


def read(package: str, path: Path) -> Module:
    """Parse one file."""
    text = path.read_text("utf-8")
    return Module(package, str(path.relative_to(ROOT)), text, ast.parse(text))
