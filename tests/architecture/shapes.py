"""Finds renamed copies: runs of statements that two packages share but for names and values."""

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import combinations

from tests.architecture.sources import Module

WINDOW = 8
"""Statements in a row that make a copy. Two services may both load, check, change and state: a use
case is shorter than this. What is longer and of one shape changes for one reason, so it is written
once, in the chassis, with the noun as data."""

_BODIES = {"body", "orelse", "finalbody", "handlers", "cases"}
_NOT_SHAPE = _BODIES | {"annotation", "returns", "type_params", "ctx", "type_comment"}


@dataclass(frozen=True)
class Statement:
    """One statement's first line and its shape."""

    line: int
    shape: str


@dataclass(frozen=True)
class Copy:
    """Two places of the same shape."""

    first: str
    second: str

    def __str__(self) -> str:
        return f"{self.first} and {self.second} have the same shape"


def copies(modules: Iterable[Module], window: int = WINDOW) -> list[Copy]:
    """The first shared run of each two modules of different packages."""
    runs: dict[tuple[str, ...], list[tuple[Module, int]]] = {}
    for module in modules:
        for shapes, line in _windows(list(statements(module.tree)), window):
            runs.setdefault(shapes, []).append((module, line))
    found: dict[tuple[str, str], Copy] = {}
    for places in runs.values():
        for (one, line), (other, other_line) in combinations(places, 2):
            if one.package != other.package:
                copy = Copy(f"{one.place}:{line}", f"{other.place}:{other_line}")
                found.setdefault((one.place, other.place), copy)
    return list(found.values())


def _windows(sequence: list[Statement], window: int) -> Iterator[tuple[tuple[str, ...], int]]:
    for start in range(len(sequence) - window + 1):
        run = sequence[start : start + window]
        yield tuple(statement.shape for statement in run), run[0].line


def statements(node: ast.AST, *, declarative: bool = True) -> Iterator[Statement]:
    """The statements below a node in source order; imports, docstrings and declarations left out.

    A module's and a class's own assignments declare: constants, fields, columns, routers.
    """
    for child in _children(node):
        if isinstance(child, ast.ClassDef):
            yield from statements(child)
        elif not _is_left_out(child, declarative=declarative):
            yield Statement(getattr(child, "lineno", 0), shape(child))
            yield from statements(child, declarative=False)


def _children(node: ast.AST) -> Iterator[ast.AST]:
    for field, value in ast.iter_fields(node):
        if field in _BODIES and isinstance(value, list):
            yield from value


def _is_left_out(node: ast.AST, *, declarative: bool) -> bool:
    if isinstance(node, ast.Import | ast.ImportFrom | ast.Pass):
        return True
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
        return True
    return declarative and isinstance(node, ast.Assign | ast.AnnAssign)


def shape(node: ast.AST) -> str:
    """What remains of a node without names, values and types; a compound statement's head only."""
    if isinstance(node, ast.Name | ast.Constant | ast.JoinedStr):
        return "value"
    parts = [
        shape(item)
        for field, value in ast.iter_fields(node)
        if field not in _NOT_SHAPE
        for item in (value if isinstance(value, list) else [value])
        if isinstance(item, ast.AST)
    ]
    return f"{type(node).__name__}({','.join(parts)})"
