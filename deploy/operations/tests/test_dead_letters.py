"""`florin dead-letters`: what is parked is seen, tried again or given up."""

import json
from dataclasses import replace

from deploy.operations.tests.conftest import Florin
from deploy.operations.tests.consuming import consuming
from deploy.operations.tests.world import World
from tests.plugins.servers import SettingsFor

OF_A_LATER_RELEASE = "florin.identity.user.renamed.v1"
"""A type that clients reads and has nothing to do for: it is handled as soon as it is read."""


def test_nothing_parked_is_well(world: World, run: Florin) -> None:
    assert world.topic
    answer = run("dead-letters", "list", "--service", "clients", "--json")
    assert answer.json == {"parked": []}
    assert answer.code == 0


def test_what_is_parked_is_listed_oldest_first(world: World, run: Florin) -> None:
    first, second = world.make(2)
    ids = [world.park(first, 0), world.park(second, 1)]
    answer = run("dead-letters", "list", "--service", "clients", "--json")
    assert [one["id"] for one in answer.json["parked"]] == ids
    assert answer.json["parked"][0]["error"] == "ValueError('no such plan')"
    assert answer.code == 1


def test_an_event_is_shown_whole_and_with_what_waits_behind_it(world: World, run: Florin) -> None:
    first, second = world.make(2)
    head, behind = world.park(first, 0), world.park(second, 1)
    shown = run("dead-letters", "show", "clients", str(head), "--json").json
    assert ["ce_id", str(first.id)] in shown["headers"]
    assert json.loads(shown["value"]) == {"name": "Vega"}
    assert shown["behind"] == [behind]
    text = run("dead-letters", "show", "clients", str(head)).out
    assert str(first.id) in text
    assert '"name": "Vega"' in text


def test_an_event_that_is_not_parked_is_said_so(world: World, run: Florin) -> None:
    assert world.topic
    for command in ("show", "replay"):
        answer = run("dead-letters", command, "clients", "7")
        assert answer.code == 2
        assert "clients has no parked event 7" in answer.err
    assert run("dead-letters", "discard", "clients", "7", "--yes").code == 1


def test_events_are_given_up_once_somebody_says_yes(world: World, run: Florin) -> None:
    (event,) = world.make(1)
    parked = str(world.park(event, 0))
    assert run("dead-letters", "discard", "clients", parked).code == 2
    answer = run("dead-letters", "discard", "clients", parked, "--yes", "--json")
    assert answer.json == {"service": "clients", "discarded": 1}
    assert run("dead-letters", "list", "--service", "clients").code == 0


def test_a_replay_that_no_consumer_takes_up_is_told_and_stays_requested(
    world: World, run: Florin
) -> None:
    first, second = world.make(2)
    head, behind = world.park(first, 0), world.park(second, 1)
    answer = run("dead-letters", "replay", "clients", str(head), "--wait-s", "0", "--json")
    assert [(e["id"], e["outcome"]) for e in answer.json["events"]] == [
        (head, "waiting"),
        (behind, "waiting"),
    ]
    assert "does clients's consumer run?" in answer.err
    assert answer.code == 1


def test_a_replay_tells_what_became_of_each_event(
    world: World, run: Florin, settings_for: SettingsFor
) -> None:
    """The first can be handled, the second can not, and the third waits behind it."""
    first, second, third = world.make(3)
    ids = [
        world.park(event, offset)
        for offset, event in enumerate((replace(first, type=OF_A_LATER_RELEASE), second, third))
    ]
    with consuming(world, settings_for):
        answer = run("dead-letters", "replay", "clients", str(ids[0]), "--json")
    outcomes = {one["id"]: one["outcome"] for one in answer.json["events"]}
    assert outcomes == dict(zip(ids, ("handled", "failed", "behind"), strict=True))
    assert answer.code == 1
    assert f"failed again: {ids[1]};" in answer.err
    listed = run("dead-letters", "list", "--service", "clients", "--json").json["parked"]
    assert [one["id"] for one in listed] == ids[1:]
    assert "not of its schema" in listed[0]["error"]


def test_a_replay_after_which_nothing_waits_is_well(
    world: World, run: Florin, settings_for: SettingsFor
) -> None:
    (event,) = world.make(1)
    parked = world.park(replace(event, type=OF_A_LATER_RELEASE), 0)
    with consuming(world, settings_for):
        answer = run("dead-letters", "replay", "clients", str(parked))
    assert answer.code == 0
    assert run("dead-letters", "list", "--service", "clients").code == 0
