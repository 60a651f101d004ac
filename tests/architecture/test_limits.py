"""The sizes that keep code readable, and what every package ships."""

import ast
from pathlib import Path

import pytest
from tests.architecture.sources import ALL, Module, modules, packages

FILE_LINES_MAX = 300
FUNCTION_LINES_MAX = 70


def long_functions(module: Module) -> list[str]:
    functions = (
        node
        for node in ast.walk(module.tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    )
    if "/migrations/versions/" in module.place:  # one step of a schema, a list rather than a deed
        return []
    return [
        f"{module.place}:{node.lineno} {node.name}"
        for node in functions
        if (node.end_lineno or node.lineno) - node.lineno >= FUNCTION_LINES_MAX
    ]


def test_no_file_is_too_long() -> None:
    lengths = {module.place: module.text.count("\n") for module in modules(*ALL)}
    assert {place: n for place, n in lengths.items() if n > FILE_LINES_MAX} == {}


def test_no_function_is_too_long() -> None:
    assert [place for module in modules(*ALL) for place in long_functions(module)] == []


def test_a_function_one_line_too_long_is_found() -> None:
    def source(lines: int) -> Module:
        text = "def f():\n" + "    x = 1\n" * (lines - 1)
        return Module("package", "file.py", text, ast.parse(text))

    assert long_functions(source(FUNCTION_LINES_MAX)) == []
    assert long_functions(source(FUNCTION_LINES_MAX + 1)) == ["file.py:1 f"]


@pytest.mark.parametrize("package", packages(*ALL), ids=lambda path: path.name)
def test_a_package_ships_its_types(package: Path) -> None:
    assert (package / "py.typed").is_file()
