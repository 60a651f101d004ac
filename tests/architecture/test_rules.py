"""Rules about what code may hold, which no tool of the trade checks."""

import ast
import sys
import tomllib
from typing import Any

import pytest
from tests.architecture.sources import ROOT, Module, modules, packages

EXACT = ("models", "use_cases")
"""The parts of a service in which a float could be money."""


def floats(module: Module) -> list[str]:
    return [
        f"{module.place}:{node.lineno}"
        for node in ast.walk(module.tree)
        if (isinstance(node, ast.Name) and node.id == "float")
        or (isinstance(node, ast.Constant) and isinstance(node.value, float))
    ]


def imported(module: Module) -> set[str]:
    """The top-level names that a module imports."""
    names: set[str] = set()
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            names.add(node.module or "")
    return {name.partition(".")[0] for name in names}


def rules() -> list[Module]:
    def is_exact(module: Module) -> bool:
        return any(f"/{part}" in module.place for part in EXACT)

    return [*modules("contracts"), *filter(is_exact, modules("services/*"))]


def test_rules_hold_no_float() -> None:
    assert [place for module in rules() for place in floats(module)] == []


@pytest.mark.parametrize("source", ["x = 0.1", "def f(x: float): ...", "y = float('1')"])
def test_a_float_is_found(source: str) -> None:
    assert floats(Module("p", "p.py", source, ast.parse(source))) == ["p.py:1"]


def test_contracts_import_pydantic_and_the_standard_library_only() -> None:
    allowed = sys.stdlib_module_names | {"pydantic", "florin_contracts"}
    others = {module.place: imported(module) - allowed for module in modules("contracts")}
    assert {place: names for place, names in others.items() if names} == {}


@pytest.fixture(scope="module")
def tools() -> dict[str, Any]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    return dict(project["tool"])


def test_every_service_is_held_to_the_anatomy(tools: dict[str, Any]) -> None:
    names = {package.name for package in packages("services/*")}
    (anatomy,) = (c for c in tools["importlinter"]["contracts"] if c.get("exhaustive"))
    assert set(anatomy["containers"]) == names
    assert names <= set(tools["importlinter"]["root_packages"])


def test_every_service_is_type_checked_and_tested(tools: dict[str, Any]) -> None:
    for package in packages("services/*"):
        folder = package.parents[1].relative_to(ROOT)
        assert f"$MYPY_CONFIG_FILE_DIR/{folder}/src" in tools["mypy"]["mypy_path"]
        assert f"{folder}/tests" in tools["pytest"]["ini_options"]["testpaths"]
