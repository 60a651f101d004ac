"""What a service says that it remembers, it remembers of every one of its aggregates."""

from florin_chassis.orm import aggregates_of
from florin_providers.api.history import REMEMBERED
from florin_providers.service import service as providers


def test_every_aggregate_of_providers_keeps_its_history_and_has_a_route_that_reads_it() -> None:
    kinds = {kind.__name__: kind.__history__ for kind in aggregates_of(providers.metadata)}
    assert kinds == {one.kind.__name__: True for one in REMEMBERED}
