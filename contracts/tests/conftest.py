"""What the tests of the contracts share: where their files are, and examples as pairs of parts."""

import json
from pathlib import Path
from typing import Any

import hypothesis
import pytest

ROOT = Path(__file__).parents[1]

# A shared machine pauses now and then; how long one example takes says nothing about money.
hypothesis.settings.register_profile("florin", deadline=None)
hypothesis.settings.load_profile("florin")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Give a test that asks for `example` or `released_example` each file once, by its name."""
    for fixture, folder in (("example", "examples"), ("released_example", "released/examples")):
        if fixture in metafunc.fixturenames:
            paths = sorted((ROOT / folder).glob("*/*.json"))
            names = [f"{path.parent.name}/{path.stem}" for path in paths]
            metafunc.parametrize(
                fixture, [json.loads(p.read_text("utf-8")) for p in paths], ids=names
            )


@pytest.fixture(scope="session")
def contracts_folder() -> Path:
    return ROOT


@pytest.fixture(scope="session")
def all_examples() -> dict[Path, Any]:
    return {p: json.loads(p.read_text("utf-8")) for p in sorted(ROOT.glob("examples/*/*.json"))}
