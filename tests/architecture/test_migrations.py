"""A migration runs while the version before writes: it holds no lock for as long as a table is."""

import ast
from pathlib import Path
from typing import Final

import pytest

from florin_chassis.schema import CHASSIS_VERSIONS
from florin_local.folders import PROJECT
from florin_local.settings import SERVICES

FIRST: Final = {"chassis": 4, "identity": 21, "providers": 21, "clients": 11, "payers": 11}
"""The first that run on an installation; those before them made its empty tables."""

LONG: Final = {
    "create_index": "florin_chassis.migrations.online.create_index builds it while others write",
    "create_unique_constraint": "an index is built first, and used",
    "create_foreign_key": "postgresql_not_valid=True, and validated by the next migration",
    "create_check_constraint": "postgresql_not_valid=True, and validated by the next migration",
}
_INSTEAD: Final = {"postgresql_not_valid", "postgresql_concurrently"}
_TABLE_OF: Final = {"create_table": 0, "create_index": 1, "add_column": 0, "alter_column": 0}


def holds_long(source: str) -> list[str]:
    """What in a migration locks a table that is there for as long as it is large."""
    calls = [c for c in ast.walk(ast.parse(source)) if isinstance(c, ast.Call) and _of_op(c)]
    made = {_table(call) for call in calls if _name(call) == "create_table"}
    return [f"{_name(c)}: {why}" for c in calls if _table(c) not in made and (why := _why(c))]


def _why(call: ast.Call) -> str | None:
    if any(word.arg in _INSTEAD for word in call.keywords):
        return None
    if _name(call) == "alter_column" and _given(call, "nullable") == "False":
        return "a check that is NOT VALID is validated first"
    if _name(call) == "add_column" and isinstance(call.args[-1], ast.Call):
        column = call.args[-1]
        if _given(column, "nullable") == "False" and _given(column, "server_default") is None:
            return "the version before does not fill it: it needs a server_default"
    return LONG.get(_name(call))


def _of_op(call: ast.Call) -> bool:
    on = call.func.value if isinstance(call.func, ast.Attribute) else None
    return isinstance(on, ast.Name) and on.id == "op"


def _name(call: ast.Call) -> str:
    return call.func.attr if isinstance(call.func, ast.Attribute) else ""


def _table(call: ast.Call) -> str:
    at = _TABLE_OF.get(_name(call), 1)
    return ast.unparse(call.args[at]) if len(call.args) > at else ""


def _given(call: ast.Call, name: str) -> str | None:
    return next((ast.unparse(word.value) for word in call.keywords if word.arg == name), None)


def _migrations() -> list[Path]:
    folders = [PROJECT / "services" / name / "migrations/versions" for name in SERVICES]
    paths = [path for folder in (CHASSIS_VERSIONS, *folders) for path in folder.glob("*_????_*.py")]
    return [p for p in paths if int(p.name.split("_")[1]) >= FIRST[p.name.split("_")[0]]]


def test_no_migration_of_a_running_installation_locks_a_table_for_long() -> None:
    found = {path.name: holds_long(path.read_text()) for path in _migrations()}
    assert {name: faults for name, faults in found.items() if faults} == {}


@pytest.mark.parametrize(
    ("step", "allowed"),
    [
        ('op.create_index("ix_a", "a", ["b"])', False),
        ('op.create_table("a"); op.create_index("ix_a", "a", ["b"])', True),
        ('online.create_index("ix_a", "a", ["b"])', True),
        ('op.create_index("ix_a", "a", ["b"], postgresql_concurrently=True)', True),
        ('op.create_foreign_key("fk", "a", "b", ["c"], ["id"])', False),
        ('op.create_foreign_key("fk", "a", "b", ["c"], ["id"], postgresql_not_valid=True)', True),
        ('op.create_check_constraint("ck", "a", "b > 0")', False),
        ('op.alter_column("a", "b", nullable=False)', False),
        ('op.alter_column("a", "b", server_default=None)', True),
        ('op.add_column("a", sa.Column("b", sa.Text(), nullable=False))', False),
        ('op.add_column("a", sa.Column("b", sa.Text(), nullable=False, server_default=""))', True),
        ('op.add_column("a", sa.Column("b", sa.Text(), nullable=True))', True),
    ],
)
def test_what_locks_for_long_is_found(step: str, *, allowed: bool) -> None:
    assert (not holds_long(step)) is allowed
