"""Shared fixtures; sockets off in unit tests, save asyncio's own pipe, which is a UNIX socket."""

from pathlib import Path

import pytest

pytest_plugins = ["tests.plugins.servers"]

ROOT = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        place = item.path.relative_to(ROOT).parts
        if "unit" in place or place[:2] == ("contracts", "tests"):
            item.add_marker(pytest.mark.disable_socket)
