"""`florin lag` and `florin consumer offsets`: where each consumer stands, and moving it."""

from deploy.operations.tests.conftest import Florin
from deploy.operations.tests.world import TOPIC, World

CLIENTS = ("--service", "clients", "--json")


def test_what_is_handled_is_not_behind_and_what_waits_has_an_age(world: World, run: Florin) -> None:
    events = world.make(3)
    first = events[0]
    world.commit(*events)
    world.send(*events)
    world.move_to({first.partition: 1})
    answer = run("lag", *CLIENTS)
    lags = {(one["topic"], one["partition"]): one for one in answer.json["partitions"]}
    found = lags[world.topic, first.partition]
    assert (found["position"], found["log_end"], found["behind"]) == (1, 3, 2)
    assert found["oldest"] >= 0
    others = [one for where, one in lags.items() if where != (world.topic, first.partition)]
    assert all(one["behind"] == 0 and one["oldest"] is None for one in others)
    assert answer.code == 0


def test_an_event_that_waits_for_longer_than_allowed_is_a_finding(
    world: World, run: Florin
) -> None:
    world.send(*world.make(1))
    assert run("lag", *CLIENTS, "--max-age-s", "3600").code == 0
    assert run("lag", *CLIENTS, "--max-age-s", "0").code == 1


def test_a_position_past_the_end_of_the_log_is_a_finding(world: World, run: Florin) -> None:
    world.move_to({0: 9})
    answer = run("lag", "--service", "clients")
    assert "the log was wiped" in answer.out
    assert answer.code == 1


def test_offsets_are_shown_of_one_topic(world: World, run: Florin) -> None:
    world.move_to({0: 0})
    answer = run("consumer", "offsets", "show", "clients", TOPIC, "--json")
    assert {one["topic"] for one in answer.json["partitions"]} == {world.topic}
    assert answer.code == 0


def test_the_fence_is_moved_back_and_forgets_what_stood_before_it(
    world: World, run: Florin
) -> None:
    events = world.make(2)
    world.settle(*events)
    partition = events[0].partition
    answer = run("consumer", "offsets", "reset", "clients", TOPIC, "--to-earliest", "--yes")
    assert answer.code == 0
    with world.connected("clients") as connection:
        rows = connection.execute(
            "SELECT partition, next_offset, last_timestamp FROM consumer_positions"
        ).fetchall()
    assert sorted(rows) == [(number, 0, None) for number in range(3)]
    to_one = ("--to-offset", "1", "--partition", str(partition))
    assert run("consumer", "offsets", "reset", "clients", TOPIC, *to_one, "--yes").code == 0
    lags = run("consumer", "offsets", "show", "clients", TOPIC, "--json").json["partitions"]
    assert lags[partition]["position"] == 1


def test_nothing_is_moved_unless_somebody_says_yes(world: World, run: Florin) -> None:
    world.move_to({0: 0})
    answer = run("consumer", "offsets", "reset", "clients", TOPIC, "--to-earliest")
    assert answer.code == 2
    assert "nothing was done" in answer.err


def test_a_place_that_the_log_does_not_have_is_refused(world: World, run: Florin) -> None:
    reset = ("consumer", "offsets", "reset", "clients", TOPIC, "--yes")
    for wrong in (
        (),
        ("--to-earliest", "--to-offset", "0"),
        ("--to-offset", "0"),
        ("--to-offset", "1", "--partition", "0"),
        ("--to-offset", "0", "--partition", "3"),
    ):
        assert run(*reset, *wrong).code == 2, wrong
    assert run("consumer", "offsets", "show", "clients", "payers-expense").code == 2
    assert world.topic
