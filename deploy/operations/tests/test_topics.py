"""`florin topics`: Kafka against the registry, mended where that moves no key."""

import pytest
from deploy.operations.tests.conftest import Florin
from deploy.operations.tests.world import World

from florin_chassis.ids import new_id

CLIENTS = ("--service", "clients", "--json")


@pytest.fixture
def empty(world: World, run: Florin, monkeypatch: pytest.MonkeyPatch) -> Florin:
    """The commands on a Kafka without any topic of ours."""
    assert world.topic
    monkeypatch.setenv("FLORIN_TOPIC_PREFIX", f"e{new_id().hex[-8:]}-")
    return run


def test_topics_that_are_missing_are_found_and_made(empty: Florin) -> None:
    before = empty("topics", "verify", *CLIENTS)
    assert {one["actual"] for one in before.json["differences"]} == {"no"}
    assert before.code == 1
    assert empty("topics", "create", *CLIENTS).code == 0
    after = empty("topics", "verify", *CLIENTS)
    assert after.json == {"differences": []}
    assert after.code == 0


def test_a_topic_with_another_number_of_partitions_is_left_as_it_is(
    world: World, run: Florin
) -> None:
    assert world.topic  # three partitions, whatever the registry says
    answer = run("topics", "create", "--service", "identity")
    assert answer.code == 1
    assert "partitions is 1, not 6" in answer.err
