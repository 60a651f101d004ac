"""Who states which event: each contract is kept by its owner, and by nobody else."""

import ast

import pytest
from tests.architecture.sources import modules

from florin_contracts.event import Event
from florin_contracts.events import published_events

EVENTS = {event.__name__: event for event in published_events().values()}


def stated() -> set[tuple[str, str]]:
    """Pairs of package and event for each `self.fact(TheEvent, …)` in the services."""
    return {
        (module.package, name.id)
        for module in modules("services/*")
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr == "fact"
        for argument in node.args
        for name in ast.walk(argument)
        if isinstance(name, ast.Name) and name.id in EVENTS
    }


@pytest.mark.parametrize("event", EVENTS.values(), ids=EVENTS)
def test_an_event_is_stated_by_its_owner_alone(event: type[Event]) -> None:
    owner = event.topic.partition("-")[0]
    assert {package for package, name in stated() if name == event.__name__} == {f"florin_{owner}"}
