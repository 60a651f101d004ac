"""What `docs/how-to/set-up-a-provider.md` says to type is typed, on an installation just made."""

from collections.abc import Iterator

import pytest
from tests.shared.pages import Page, unprinted

from florin_local.folders import PROJECT, temporary_folder
from florin_local.settings import Ports, port_variable
from florin_local.stack import Stack

PAGE = PROJECT / "docs" / "how-to" / "set-up-a-provider.md"


@pytest.fixture
def installation() -> Iterator[dict[str, str]]:
    """An empty system of its own; what a shell must know to meet it."""
    with temporary_folder() as folder, Stack(folder, Ports.free(), durable=False) as stack:
        ports = {port_variable(name): str(port) for name, port in stack.ports.as_dict().items()}
        yield ports | {"FLORIN_FOLDER": str(folder), "no_proxy": "127.0.0.1"}


def test_a_provider_is_set_up_by_what_the_page_says(installation: dict[str, str]) -> None:
    page = Page.read(PAGE)
    output = page.run(installation)
    assert unprinted(page, output) == [], output


def test_a_line_that_is_not_printed_is_noticed() -> None:
    page = Page("", ("first", "second", "third"))
    assert unprinted(page, "first\nother\nsecond\nthird\n") == []
    assert unprinted(page, "second\nfirst\nthird\n") == ["second", "third"]
    assert unprinted(page, "") == ["first", "second", "third"]
